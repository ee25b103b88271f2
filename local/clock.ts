/**
 * The one source of time of the local cloud. Every delay, time stamp and deadline of an emulated service comes
 * from here, so that a test can put another clock in its place.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` after `ms` milliseconds; the function returned calls it off. */
  schedule(task: () => void, ms: number): () => void;
}

/** The machine's own time. What is scheduled on it does not keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  schedule(task, ms) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(resolve, ms));
}
