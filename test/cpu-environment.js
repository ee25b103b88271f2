import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Runs a test file as Jest does by default, and records its CPU time for the report: that of its
 * worker and of the processes that it has started, from before the imports of the file to after its
 * last hook.
 */
export default class CpuEnvironment extends TestEnvironment {
  /**
   * @param {ConstructorParameters<typeof TestEnvironment>[0]} config
   * @param {ConstructorParameters<typeof TestEnvironment>[1]} context
   */
  constructor(config, context) {
    super(config, context);
    this.file = relative(config.globalConfig.rootDir, context.testPath);
    this.start = cpuSeconds();
  }

  /** @override */
  async teardown() {
    await super.teardown();
    const log = process.env.JEST_CPU_LOG;
    if (log) appendFileSync(log, `${JSON.stringify({ file: this.file, cpu: cpuSeconds() - this.start })}\n`);
  }
}

/** In ticks of 10 ms: the unit of `/proc` on every Linux. */
const ticksPerSecond = 100;

/**
 * Returns the CPU seconds of this process and of those that it has waited for; of this process
 * alone without `/proc`.
 */
function cpuSeconds() {
  try {
    // proc_pid_stat(5): utime, stime, cutime and cstime are the fields 14 to 17; the second may
    // have spaces in it.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}
