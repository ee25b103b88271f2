import fc from 'fast-check';

/**
 * Returns parameters that generate the same values in each run. A failure reports the seed and the
 * path, with which fast-check repeats it, and the beginning of the value, which may have megabytes.
 */
export function fuzzParameters<Values>(numRuns: number): fc.Parameters<Values> {
  return {
    numRuns,
    seed: 4,
    // Each attempt to shrink the value can take as long as a hanging connection.
    endOnFailure: true,
    reporter: (details) => {
      if (!details.failed) return;
      throw new Error(fc.defaultReportMessage(details)?.slice(0, 5_000), { cause: details.errorInstance });
    },
  };
}
