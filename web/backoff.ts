const firstDelay = 1_000;
const longestDelay = 30_000;

/**
 * Returns the delay in milliseconds before the next attempt, after a number of failures in a row.
 * It is between half and all of an exponentially growing time, so that clients do not return to a
 * restarted server all at once.
 */
export function backoff(failures: number, random: () => number): number {
  const delay = Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
  return delay * (0.5 + random() / 2);
}
