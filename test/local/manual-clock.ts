import type { Clock } from '../../local/clock.ts';

/** A clock that stands still until it is moved by hand. */
export class ManualClock implements Clock {
  readonly jumps = true;
  #now: number;
  readonly #scheduled = new Set<{ at: number; task: () => void }>();

  constructor(now = Date.parse('2026-01-31T09:30:00.000Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(task: () => void, ms: number): () => void {
    const entry = { at: this.#now + ms, task };
    this.#scheduled.add(entry);
    return () => this.#scheduled.delete(entry);
  }

  /** How many tasks wait for their time. */
  get pending(): number {
    return this.#scheduled.size;
  }

  /**
   * Moves on to what is due next and runs it; if nothing is due until `end`, moves on to there.
   * @returns whether something was due
   */
  jump(end = Number.POSITIVE_INFINITY): boolean {
    const next = Math.min(...[...this.#scheduled].map(({ at }) => at));
    const time = Math.min(next, end);
    if (Number.isFinite(time)) this.advance(Math.max(time - this.#now, 0));
    return next <= end && Number.isFinite(next);
  }

  /** Moves on by `ms` and runs, in their order, the tasks whose time has come. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#scheduled].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const entry of due) if (this.#scheduled.delete(entry)) entry.task();
  }
}
