/**
 * The only source of time of the local cloud. Every delay, time stamp and deadline of an emulated
 * service comes from it, so that a test can replace it.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` after `ms` milliseconds. Returns a function that cancels it. */
  schedule(task: () => void, ms: number): () => void;
  /**
   * Whether the clock stands still while anything runs, and then jumps to the next scheduled task.
   */
  readonly jumps?: boolean;
}

/** The longest timeout of Node.js, 25 days; a longer one would fire immediately. */
const MAXIMUM_DELAY = 2 ** 31 - 1;

/**
 * Returns a clock that runs `speed` times as fast as the machine's: it divides AWS's delays by that
 * factor. Scheduled tasks do not keep the process alive.
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
 * Returns the clock of handlers and their timeouts: the machine's, since their code runs as fast as
 * the machine. A clock that jumps is theirs too.
 */
export function clockOfHandlers(clock: Clock): Clock {
  return clock.jumps ? clock : realClock;
}

/** Resolves after `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(resolve, ms));
}
