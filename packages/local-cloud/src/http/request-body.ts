import type { IncomingMessage } from 'node:http';
import { parseJson } from '../core/json.ts';

/**
 * The whole body of a request, or nothing if it is longer than `limit` bytes; what is left is then discarded.
 * @throws if the client goes away in the middle
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  // Events instead of an async iterator, which takes longer than all else that is done for a small request.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    request.on('end', () => resolve(size <= limit ? Buffer.concat(chunks) : undefined));
    request.on('error', reject);
  });
}

/** Returns the body of a request as JSON; nothing if it is not JSON, or longer than `limit` bytes. */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const body = await readBody(request, limit);
  return body && parseJson(body.toString('utf8'));
}
