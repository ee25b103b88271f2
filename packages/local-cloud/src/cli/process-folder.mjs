import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns whether a process is running on this machine. */
export function isRunning(/** @type {number} */ pid) {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process of another user: EPERM.
    return codeOf(error) !== 'ESRCH';
  }
}

/**
 * Deletes the folders `<name>.<pid>.<anything>` of processes that have ended, e.g. were killed
 * during their work, and the folders whose names do not contain a process.
 * @param {string} parent
 * @param {(name: string) => boolean} isTemporary selects the folders
 */
export async function deleteAbandoned(parent, isTemporary) {
  const names = (await readdir(parent).catch(() => [])).filter(isTemporary);
  const abandoned = names.filter((name) => !isRunning(Number(name.split('.')[1])));
  await Promise.all(abandoned.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

/** Returns the code of an error of Node.js, e.g. `ENOENT`. */
export function codeOf(/** @type {unknown} */ error) {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
