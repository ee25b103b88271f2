import { execFileSync } from 'node:child_process';

/** Returns the resident memory of a process and its descendants, in megabytes. */
export function residentMegabytes(root: number): number {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid, parent, kilobytes]) => ({ pid, parent, kilobytes: kilobytes ?? 0 }));
  const family = new Set<number | undefined>([root]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const total = processes
    .filter(({ pid }) => family.has(pid))
    .reduce((sum, { kilobytes }) => sum + kilobytes, 0);
  return total / 1024;
}
