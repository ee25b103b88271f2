import { median } from '../bench/statistics.ts';

/** How much memory may grow from the second quarter to the last. The first is warm-up. */
const growthLimit = 1.1;

/**
 * Returns the medians of the four quarters of the samples, and whether the last is at most 10 %
 * above the second.
 */
export function memoryTrend(samples: readonly number[]): { quarters: number[]; flat: boolean } {
  const quarters = [0, 1, 2, 3].map((quarter) =>
    median(samples.slice((quarter * samples.length) / 4, ((quarter + 1) * samples.length) / 4)),
  );
  const [, second = Number.NaN, , last = Number.NaN] = quarters;
  return { quarters, flat: last <= second * growthLimit };
}
