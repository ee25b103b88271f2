/** Ends a run with the counts on a line of their own, for tools that do not read jest's summary. */
export default class CountReporter {
  /**
   * @param {unknown} _contexts
   * @param {import('jest').Config & import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // After the last line of the other reporters.
    process.once('exit', () => console.log(`tests: ${results.numPassedTests} passed, ${failed} failed`));
  }
}
