/** The outcome of a step of the smoke test. */
export interface StepResult {
  name: string;
  ms: number;
  /** Why the step failed, in one line; absent if it passed. */
  error?: string;
}

/** The time in milliseconds for a step, cold starts and retries of Lambda's first minute included. */
export const patience = 90_000;

/** The pause between two looks, in milliseconds. */
const pause = 100;

/** Runs steps one after the other, and measures each. After a step that failed, it runs no other. */
export class Steps {
  readonly results: StepResult[] = [];
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #interruption: AbortSignal;

  /**
   * @param now returns the present time in milliseconds
   * @param sleep resolves after a number of milliseconds
   * @param interruption makes the present step, if it waits, and the next one fail
   */
  constructor(now: () => number, sleep: (ms: number) => Promise<unknown>, interruption: AbortSignal) {
    this.#now = now;
    this.#sleep = sleep;
    this.#interruption = interruption;
  }

  get failed(): boolean {
    return this.results.some(({ error }) => error !== undefined);
  }

  /** Runs a step, also after one that failed if it cleans up. */
  async run(name: string, step: () => Promise<unknown>, { cleansUp = false } = {}): Promise<void> {
    if (this.failed && !cleansUp) return;
    const start = this.#now();
    const result: StepResult = { name, ms: 0 };
    try {
      if (!cleansUp) this.#throwIfInterrupted();
      await step();
    } catch (error) {
      result.error = lineAbout(error);
    }
    result.ms = this.#now() - start;
    this.results.push(result);
  }

  /** Runs a step that looks again and again until it sees what it waits for. */
  waitFor(name: string, what: string, look: () => Promise<boolean> | boolean): Promise<void> {
    return this.run(name, async () => {
      const end = this.#now() + patience;
      while (!(await look())) {
        this.#throwIfInterrupted();
        if (this.#now() > end) throw new Error(`There is no ${what} after ${patience / 1000} s.`);
        await this.#sleep(pause);
      }
    });
  }

  #throwIfInterrupted(): void {
    if (this.#interruption.aborted) throw new Error('It was interrupted.');
  }
}

/** Returns one line with the message of an error and of its cause. */
function lineAbout(error: unknown): string {
  const messages = [error, error instanceof Error ? error.cause : undefined].flatMap((each) =>
    each instanceof Error ? each.message : [],
  );
  return (messages.join(': ') || String(error)).replace(/\s+/g, ' ');
}

/** Returns the results as a table: each step, its time, and whether it passed. */
export function tableOf(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, ms, error }) => {
      const outcome = error === undefined ? 'ok' : `FAILED: ${error}`;
      return `${name.padEnd(width)}  ${`${Math.round(ms)} ms`.padStart(9)}  ${outcome}`;
    })
    .join('\n');
}
