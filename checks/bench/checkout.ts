import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Checks out a commit into a git worktree in the temporary folder and installs its packages. The
 * worktree remains, so that the next run uses it again.
 * @param ref anything that names a commit
 * @returns the folder
 * @throws {Error} if there is no such commit
 */
export function checkOut(ref: string): string {
  const commit = git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`);
  const folder = join(tmpdir(), `bench-${commit.slice(0, 12)}`);
  // Forced: the temporary folder may have been emptied, which git does not know.
  if (!existsSync(folder)) git('worktree', 'add', '--force', '--detach', folder, commit);
  // npm writes this file last.
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    process.stderr.write(`Installing the packages of ${ref} in ${folder}.\n`);
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  process.stderr.write(`${folder} remains for the next run: git worktree remove --force ${folder}\n`);
  return folder;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}
