/**
 * The one source of time of the local cloud. Every delay, time stamp and deadline of an emulated service comes
 * from here, so that a test can put another clock in its place.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` after `ms` milliseconds; the function returned calls it off. */
  schedule(task: () => void, ms: number): () => void;
  /** Whether it stands still while anything is under way, and then jumps to what is due next. */
  readonly jumps?: boolean;
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

/**
 * What handlers wait by, and their time-outs: the machine's time, as their code runs as fast as the machine. Where the
 * services' clock jumps it is theirs, since nobody has the time to wait.
 */
export function clockOfHandlers(clock: Clock): Clock {
  return clock.jumps ? clock : realClock;
}

/** Resolves after `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(resolve, ms));
}
