import { processTree } from './process-tree.ts';

/** Returns the resident memory of a process and its descendants, in megabytes. */
export function residentMegabytes(root: number): number {
  return processTree(root).reduce((sum, { kilobytes }) => sum + kilobytes, 0) / 1024;
}
