/** The place of a text in a ring. */
export interface Kept {
  /** The number of bytes written before it. */
  at: number;
  bytes: number;
  /** Whether the whole text is kept. */
  whole: boolean;
}

/** In bytes: about the last 250 traces of small payloads. */
const CAPACITY = 8 * 1024 ** 2;

/** The maximum number of characters that are kept of a text. */
const MAXIMUM_TEXT = 256 * 1024;

/** The maximum number of bytes that a character of a JavaScript string takes in UTF-8. */
const MAXIMUM_BYTES_OF_CHARACTER = 3;

/**
 * Keeps the newest texts: a new text overwrites the oldest ones. The buffer lies outside of
 * JavaScript's heap, which would grow to twice its size before it collects texts that live for a
 * while (measured).
 */
export class ContentRing {
  readonly #buffer = Buffer.allocUnsafeSlow(CAPACITY);
  /** The number of bytes written so far, including those left free at the end of the buffer. */
  #written = 0;

  keep(text: string): Kept {
    const whole = text.length <= MAXIMUM_TEXT;
    const kept = whole ? text : text.slice(0, MAXIMUM_TEXT);
    // No text wraps around the end of the buffer.
    const left = CAPACITY - (this.#written % CAPACITY);
    if (kept.length * MAXIMUM_BYTES_OF_CHARACTER > left) this.#written += left;
    const at = this.#written;
    const bytes = this.#buffer.write(kept, at % CAPACITY);
    this.#written += bytes;
    return { at, bytes, whole };
  }

  /** Returns the text; `undefined` if newer texts have overwritten it. */
  read({ at, bytes }: Kept): string | undefined {
    if (this.#written - at > CAPACITY) return undefined;
    const start = at % CAPACITY;
    return this.#buffer.toString('utf8', start, start + bytes);
  }
}
