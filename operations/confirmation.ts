import { createInterface } from 'node:readline';

/** Asks the operator questions on the terminal, one line each. */
export class Confirmation {
  readonly #yes: boolean;
  readonly #terminal = createInterface({ input: process.stdin });
  readonly #answers = this.#terminal[Symbol.asyncIterator]();

  /** @param yes whether every answer is yes, without asking */
  constructor(yes: boolean) {
    this.#yes = yes;
  }

  /** Returns whether the answer to a question, e.g. `Redrive 3 messages?`, is yes. */
  async confirm(question: string): Promise<boolean> {
    if (this.#yes) return true;
    process.stdout.write(`${question} [y/N] `);
    const { value, done } = await this.#answers.next();
    // Nobody has pressed Enter.
    if (done) process.stdout.write('\n');
    return !done && /^y(es)?$/i.test(value.trim());
  }

  /** Lets the process end. */
  close(): void {
    this.#terminal.close();
  }
}
