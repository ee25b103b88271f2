import { execFileSync } from 'node:child_process';

/** A running process. */
export interface RunningProcess {
  pid: number;
  parent: number;
  /** The resident memory. */
  kilobytes: number;
  /** The name of the program, e.g. `sh`. */
  command: string;
}

/** Returns a process and its descendants; nothing if it has ended. */
export function processTree(root: number): RunningProcess[] {
  return treeOf(
    root,
    processesIn(execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,comm='], { encoding: 'utf8' })),
  );
}

/** Parses the lines of `ps -o pid=,ppid=,rss=,comm=`. */
export function processesIn(lines: string): RunningProcess[] {
  return [...lines.matchAll(/^ *(\d+) +(\d+) +(\d+) +(.*?) *$/gm)].map(
    ([, pid, parent, kilobytes, command = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      kilobytes: Number(kilobytes),
      command,
    }),
  );
}

/** Returns the process `root` and its descendants, each after its parent. */
export function treeOf(root: number, processes: readonly RunningProcess[]): RunningProcess[] {
  const children = processes.filter(({ parent }) => parent === root);
  return [
    ...processes.filter(({ pid }) => pid === root),
    ...children.flatMap(({ pid }) => treeOf(pid, processes)),
  ];
}
