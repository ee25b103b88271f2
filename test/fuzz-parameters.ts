import fc from 'fast-check';

/**
 * Runs a property with generated values that are the same each time. A failure tells the seed and the path, by which
 * fast-check repeats it, and as much as can be read of the value: an attack may have megabytes.
 */
export function fuzzParameters<Values>(numRuns: number): fc.Parameters<Values> {
  return {
    numRuns,
    seed: 4,
    // Each attempt to shrink may take as long as a hanging connection does.
    endOnFailure: true,
    reporter: (details) => {
      if (!details.failed) return;
      throw new Error(fc.defaultReportMessage(details)?.slice(0, 5_000), { cause: details.errorInstance });
    },
  };
}
