/** Where a text is kept in a ring. */
export interface Kept {
  /** How much had been written before it, in bytes. */
  at: number;
  bytes: number;
  /** Whether it is all of the text. */
  whole: boolean;
}

/** In bytes: about the last 250 traces of small payloads. */
const CAPACITY = 8 * 1024 ** 2;

/** The longest beginning of a text that is kept, in characters. */
const MAXIMUM_TEXT = 256 * 1024;

/** What a character of a JavaScript string takes at most in UTF-8. */
const MAXIMUM_BYTES_OF_CHARACTER = 3;

/**
 * Keeps the newest texts, until others have taken their place. It lies outside of JavaScript's heap: on it, texts that
 * live for a while and then go would let it grow to twice its size before they are collected (measured).
 */
export class ContentRing {
  readonly #buffer = Buffer.allocUnsafeSlow(CAPACITY);
  /** How much has ever been written, with what was left free at the end of the buffer. */
  #written = 0;

  keep(text: string): Kept {
    const whole = text.length <= MAXIMUM_TEXT;
    const kept = whole ? text : text.slice(0, MAXIMUM_TEXT);
    // No text goes over the end.
    const left = CAPACITY - (this.#written % CAPACITY);
    if (kept.length * MAXIMUM_BYTES_OF_CHARACTER > left) this.#written += left;
    const at = this.#written;
    const bytes = this.#buffer.write(kept, at % CAPACITY);
    this.#written += bytes;
    return { at, bytes, whole };
  }

  /** Nothing, if another text is where it was. */
  read({ at, bytes }: Kept): string | undefined {
    if (this.#written - at > CAPACITY) return undefined;
    const start = at % CAPACITY;
    return this.#buffer.toString('utf8', start, start + bytes);
  }
}
