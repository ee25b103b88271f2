import { existsSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';

/** How many files are listed. */
const shown = 10;

/**
 * Prints, at the end of a run, the files that took the most CPU time and, on a line of their own,
 * the counts, for tools that do not read Jest's summary.
 */
export default class RunReport {
  /** @param {import('jest').Config & { rootDir: string }} globalConfig */
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const cpu = cpuByFile();
    const files = results.testResults.map(({ testFilePath, perfStats }) => {
      const file = relative(this.rootDir, testFilePath);
      return { file, cpu: cpu.get(file) ?? 0, wall: (perfStats.end - perfStats.start) / 1000 };
    });
    const slowest = files.sort((one, other) => other.cpu - one.cpu).slice(0, shown);
    // After the last line of the other reporters.
    process.once('exit', () => {
      for (const { file, cpu, wall } of slowest)
        console.log(`${cpu.toFixed(1).padStart(7)} s CPU ${wall.toFixed(1).padStart(7)} s  ${file}`);
      console.log(`tests: ${results.numPassedTests} passed, ${failed} failed`);
    });
  }
}

/** @returns {Map<string, number>} the seconds that `cpu-environment.js` has recorded */
function cpuByFile() {
  const log = process.env.JEST_CPU_LOG ?? '';
  if (!existsSync(log)) return new Map();
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(log);
  return new Map(lines.map((line) => JSON.parse(line)).map(({ file, cpu }) => [file, cpu]));
}
