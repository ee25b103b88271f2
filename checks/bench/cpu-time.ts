import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { processTree } from './process-tree.ts';

/** The unit of the times in `/proc` is 10 ms on every architecture that Node.js supports. Source: proc(5), getconf CLK_TCK. */
const TICK_MS = 10;

/** The name of the threads that have none: those of libuv. */
const OTHER_THREADS = 'other threads';

/** CPU time by the name of the thread, user and system, in milliseconds. */
export type CpuTimes = ReadonlyMap<string, number>;

/** Returns whether this machine tells the CPU time of other processes: only Linux has `/proc`. */
export function canMeasureCpu(): boolean {
  return existsSync('/proc/self/task');
}

/**
 * Returns the CPU time in `/proc/<pid>/stat` or `/proc/<pid>/task/<tid>/stat`, in milliseconds.
 * @throws {Error} if the text has another form
 */
export function cpuTimeIn(stat: string): number {
  // The name of the program is in parentheses, and can contain spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  const time = ((user ?? Number.NaN) + (system ?? Number.NaN)) * TICK_MS;
  if (Number.isNaN(time)) throw new Error(`The line of /proc has no CPU times: ${stat}`);
  return time;
}

/**
 * Returns the CPU time of a process, by thread, and that of its descendants.
 * @param names the names of the threads; threads with the same name are added up
 */
export function cpuTimes(root: number, names: ReadonlyMap<number, string> = new Map()): CpuTimes {
  const times = new Map<string, number>();
  const add = (name: string, time: number): void => {
    times.set(name, (times.get(name) ?? 0) + time);
  };
  // Before the threads, so that the difference is never negative.
  const threads = readdirSync(`/proc/${root}/task`).map(Number);
  for (const thread of threads)
    add(names.get(thread) ?? OTHER_THREADS, timeOf(`/proc/${root}/task/${thread}/stat`));
  const living = [...times.values()].reduce((sum, time) => sum + time, 0);
  add('ended threads', Math.max(0, timeOf(`/proc/${root}/stat`) - living));
  for (const { pid } of processTree(root))
    if (pid !== root) add('other processes', timeOf(`/proc/${pid}/stat`));
  return times;
}

/** Returns the CPU time between two measurements, divided by the number of posts. */
export function cpuAPost(from: CpuTimes, to: CpuTimes, posts: number): CpuTimes {
  const names = [...new Set([...to.keys(), ...from.keys()])];
  return new Map(names.map((name) => [name, ((to.get(name) ?? 0) - (from.get(name) ?? 0)) / posts]));
}

/** Returns the sum over all threads. */
export function totalOf(times: CpuTimes): number {
  return [...times.values()].reduce((sum, time) => sum + time, 0);
}

/** Returns 0 for a thread that has ended meanwhile. */
function timeOf(file: string): number {
  try {
    return cpuTimeIn(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code)))
      return 0;
    throw error;
  }
}
