/**
 * The one source of time of the local cloud. Every delay, time stamp and deadline of an emulated service comes
 * from here, so that a test can put another clock in its place. What a handler itself takes is not among them: its code
 * runs as fast as the machine, so its time-out is always real.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` after `ms` milliseconds; the function returned calls it off. */
  schedule(task: () => void, ms: number): () => void;
}

/** The longest that Node.js can wait in one go, 25 days; a longer time-out would fire at once. */
const MAXIMUM_DELAY = 2 ** 31 - 1;

/**
 * The machine's own time, `speed` times as fast: AWS's delays divided by that factor. What is scheduled on it does not
 * keep the process alive.
 */
export function machineClock(speed: number): Clock {
  const start = Date.now();
  return {
    now: () => Math.floor(start + (Date.now() - start) * speed),
    schedule(task, ms) {
      const timer = setTimeout(task, Math.min(ms / speed, MAXIMUM_DELAY)).unref();
      return () => clearTimeout(timer);
    },
  };
}

export const realClock = machineClock(1);

/** Resolves after `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(resolve, ms));
}
