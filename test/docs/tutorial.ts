import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The steps of a tutorial: the files that it adds, by their paths, and the patches of other files.
 */
export interface Tutorial {
  files: ReadonlyMap<string, string>;
  patches: readonly string[];
}

/** Reads the steps of a page: blocks of TypeScript after "New file `path`:", and diffs. */
export function tutorialIn(page: string): Tutorial {
  const files = page.matchAll(/^New file `([^`]+)`:\n\n```ts\n(.*?)^```$/gms);
  const patches = page.matchAll(/^```diff\n(.*?)^```$/gms);
  return {
    files: new Map([...files].map(([, file = '', text = '']) => [file, text])),
    patches: [...patches].map(([, patch = '']) => patch),
  };
}

/**
 * Applies a tutorial to a checkout of the repository.
 * @throws {Error} if a patch does not apply
 */
export async function apply({ files, patches }: Tutorial, folder: string): Promise<void> {
  for (const [file, text] of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text, { flag: 'wx' });
  }
  for (const patch of patches) execFileSync('git', ['apply', '-'], { cwd: folder, input: patch });
}
