/** An expression of 4 KB takes up to about 100 KB once it is parsed. */
const MAXIMUM_ENTRIES = 200;

/** Keeps parsed expressions by their texts, the ones parsed last. */
export class ParseCache<Syntax> {
  readonly #parse: (text: string) => Syntax;
  readonly #entries = new Map<string, Syntax>();

  constructor(parse: (text: string) => Syntax) {
    this.#parse = parse;
  }

  /** Returns the parsed form of a text. An error is not kept. */
  get(text: string): Syntax {
    const known = this.#entries.get(text);
    if (known !== undefined) return known;
    const parsed = this.#parse(text);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MAXIMUM_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(text, parsed);
    return parsed;
  }
}
