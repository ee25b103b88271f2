import type { IncomingMessage } from 'node:http';
import { parseJson } from '../core/json.ts';

/**
 * Collects the bytes of a body in one buffer. It takes at most twice the memory of the bytes,
 * however small the chunks are: a list of one-byte chunks would take hundreds of times as much.
 */
export class BodyCollector {
  #bytes: Buffer = Buffer.alloc(0);
  #size = 0;
  readonly #limit: number;

  /** @param limit the maximum number of bytes to keep */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The bytes of memory in use. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Returns the body; `undefined` if it is longer than the limit. */
  get body(): Buffer | undefined {
    return this.#size <= this.#limit ? this.#bytes.subarray(0, this.#size) : undefined;
  }

  add(chunk: Buffer): void {
    const end = this.#size + chunk.length;
    if (end > this.#limit) this.#bytes = Buffer.alloc(0);
    // Most bodies arrive in one chunk, which needs no copy.
    else if (this.#size === 0) this.#bytes = chunk;
    else {
      if (end > this.#bytes.length) {
        const larger = Buffer.alloc(Math.min(2 * end, this.#limit));
        this.#bytes.copy(larger, 0, 0, this.#size);
        this.#bytes = larger;
      }
      chunk.copy(this.#bytes, this.#size);
    }
    this.#size = end;
  }
}

/**
 * Returns the body of a request; `undefined` if it is longer than `limit` bytes. The rest is then
 * discarded.
 * @throws {Error} if the client disconnects early
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  // Events instead of an async iterator, which takes longer than the rest of a small request.
  return new Promise((resolve, reject) => {
    const collector = new BodyCollector(limit);
    request.on('data', (chunk: Buffer) => collector.add(chunk));
    request.on('end', () => resolve(collector.body));
    request.on('error', reject);
  });
}

/**
 * Returns the body of a request as JSON; `undefined` if it is not JSON, nested too deeply, or
 * longer than `limit` bytes.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const body = await readBody(request, limit);
  return body && parseJson(body.toString('utf8'));
}
