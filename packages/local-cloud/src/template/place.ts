import { relative } from 'node:path';

/** Returns the path of a file as a developer types it: relative if it is below the working directory. */
export function fromWorkingDirectory(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
