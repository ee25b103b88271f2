import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const SystemError = z.object({ code: z.string() });

/** The number of assemblies that remain besides those that a process uses. */
const KEPT = 3;

/** The name of an assembly, with a suffix while it is incomplete. */
const NAME = /^[0-9a-f]{16}(\.|$)/;

/**
 * The folder of the synthesized assemblies. Several processes can use it at the same time. Each
 * marks the assemblies that it uses with a file `<assembly>.<pid>` in a folder beside it.
 */
export class AssemblyCache {
  readonly #folder: string;
  readonly #marks: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#marks = `${folder}.in-use`;
  }

  /**
   * Returns the folder of an assembly, whether it exists or not, and keeps it while this process
   * runs.
   */
  async use(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    await mkdir(this.#marks, { recursive: true });
    await writeFile(join(this.#marks, `${name}.${process.pid}`), '');
    const assembly = join(this.#folder, name);
    const now = new Date();
    await utimes(assembly, now, now).catch(ignoreMissing);
    return assembly;
  }

  /**
   * Deletes all assemblies except those that a running process uses and the latest of the others.
   * Deletes incomplete assemblies too, if their process has ended.
   */
  async prune(): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => ({ name, used: await lastUse(join(this.#folder, name)) })),
    );
    const used = await this.#used();
    const free = dated.filter(({ name }) => !used.has(assemblyOf(name)));
    const unfinished = free.filter(({ name }) => name.includes('.'));
    const finished = free.filter(({ name }) => !name.includes('.'));
    const old = finished.sort((one, other) => other.used - one.used).slice(KEPT);
    await Promise.all([
      ...unfinished.map(({ name }) => rm(join(this.#folder, name), { recursive: true, force: true })),
      ...old.map(({ name }) => this.#delete(name)),
    ]);
  }

  /** Deletes an assembly, unless a process starts to use it at this moment. */
  async #delete(name: string): Promise<void> {
    const assembly = join(this.#folder, name);
    // Another process sees the assembly either whole or not at all.
    const deleted = `${assembly}.deleted`;
    try {
      await rename(assembly, deleted);
      if ((await this.#used()).has(name)) await rename(deleted, assembly);
    } catch {
      // Another process deletes it too, or has made it again.
    }
    await rm(deleted, { recursive: true, force: true });
  }

  /** Returns the assemblies that running processes use. Deletes the marks of the others. */
  async #used(): Promise<Set<string>> {
    const marks = await readdir(this.#marks).catch(() => []);
    const [running, ended] = [true, false].map((expected) =>
      marks.filter((mark) => isRunning(Number(mark.split('.')[1])) === expected),
    );
    await Promise.all((ended ?? []).map((mark) => rm(join(this.#marks, mark), { force: true })));
    return new Set((running ?? []).map(assemblyOf));
  }
}

function assemblyOf(name: string): string {
  return name.replace(/\..*$/, '');
}

/** Returns the time of the last use, in milliseconds since the epoch. */
async function lastUse(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process of another user: EPERM.
    return codeOf(error) !== 'ESRCH';
  }
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Returns the code of an error of Node.js, e.g. `ENOENT`. */
function codeOf(error: unknown): string | undefined {
  return SystemError.safeParse(error).data?.code;
}
