/** A part of the output of a worker. */
export interface Output {
  written: string;
  to: 'stdout' | 'stderr';
}

/** Splits the output of a worker into lines. */
export class OutputLines {
  readonly #print: (line: string) => void;
  /** The last line of each stream, which has no end yet. */
  readonly #begun = { stdout: '', stderr: '' };

  /** @param print receives each line */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add({ written, to }: Output): void {
    const lines = (this.#begun[to] + written).split(/\r\n|\n|\r/);
    this.#begun[to] = lines.pop() ?? '';
    for (const line of lines) this.#print(line);
  }

  /** Prints the lines that have no end. */
  end(): void {
    for (const to of ['stdout', 'stderr'] as const) {
      if (this.#begun[to]) this.#print(this.#begun[to]);
      this.#begun[to] = '';
    }
  }
}
