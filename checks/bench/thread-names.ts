import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The names of the threads of processes that run with `environment`. */
export class ThreadNames {
  readonly #folder: string;

  /** @param folder an existing folder of its own */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The variables of a process that is to be measured. */
  get environment(): Record<string, string> {
    const preload = resolve('checks', 'bench', 'name-threads.cjs');
    return {
      BENCH_THREADS: this.#folder,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(preload)}`,
    };
  }

  /** Returns the names of the threads of a process so far, by thread ID. */
  of(pid: number): ReadonlyMap<number, string> {
    const file = join(this.#folder, String(pid));
    return existsSync(file) ? threadNamesIn(readFileSync(file, 'utf8')) : new Map();
  }

  /** Returns how many threads of a process have had each name. */
  count(pid: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const name of this.of(pid).values()) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }
}

/** Parses lines such as `4711 create-post`. The last line of a thread counts: the system reuses IDs. */
export function threadNamesIn(lines: string): ReadonlyMap<number, string> {
  return new Map([...lines.matchAll(/^(\d+) (.+)$/gm)].map(([, id, name = '']) => [Number(id), name]));
}
