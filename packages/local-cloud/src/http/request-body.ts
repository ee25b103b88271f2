import type { IncomingMessage } from 'node:http';
import { parseJson } from '../core/json.ts';

/**
 * Returns the body of a request; `undefined` if it is longer than `limit` bytes. The rest is then
 * discarded.
 * @throws {Error} if the client disconnects early
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  // Events instead of an async iterator, which takes longer than the rest of a small request.
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

/**
 * Returns the body of a request as JSON; `undefined` if it is not JSON, or longer than `limit`
 * bytes.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const body = await readBody(request, limit);
  return body && parseJson(body.toString('utf8'));
}
