import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

/** The content of the lock: the process that uses the folder, and when that has started. */
const Holder = z.object({ pid: z.int().check(z.positive()), started: z.string() });

const SystemError = z.object({ code: z.string() });

/** The name of the lock in its folder. */
export const LOCK = 'lock';

/**
 * Creates a folder and locks it for this process. A lock that a killed process has left does not
 * count, even if another process has its ID now.
 * @returns a function that releases the lock
 * @throws {Error} one line, if another process that still runs has the folder locked, or if this one
 * has
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, LOCK);
  const { pid } = process;
  const content = JSON.stringify({ pid, started: startOf(pid) } satisfies z.input<typeof Holder>);
  for (;;) {
    try {
      writeFileSync(path, content, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = holderIn(path);
    if (holder && holder.started === startOf(holder.pid))
      throw new Error(
        `The data in ${folder} is used by another local cloud, process ${holder.pid}. ` +
          'Stop that one, or choose another folder with --data.',
      );
    rmSync(path, { force: true });
  }
}

/** Returns the process that a lock names; `undefined` for a lock that was not written completely. */
function holderIn(path: string): z.infer<typeof Holder> | undefined {
  try {
    return Holder.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * Returns the time at which a process has started, as the system tells it, to compare it with an
 * earlier answer. Returns the empty string for a process that does not run.
 */
function startOf(pid: number): string {
  try {
    if (process.platform === 'win32') return process.kill(pid, 0) ? 'running' : '';
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      }).trim();
    // Source: proc_pid_stat(5). The second field, a name in parentheses, can contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    const [state, started] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? '' : (started ?? '');
  } catch (error) {
    // On Windows: the process runs, as another user.
    return codeOf(error) === 'EPERM' ? 'running' : '';
  }
}

function codeOf(error: unknown): string | undefined {
  return SystemError.safeParse(error).data?.code;
}
