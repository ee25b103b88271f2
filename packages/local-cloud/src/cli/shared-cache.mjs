import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, deleteAbandoned, isRunning } from './process-folder.mjs';

/** The number of entries that remain besides those that a process uses. */
const KEPT = 3;

const NAME = /^[0-9a-f]{16}$/;
const TEMPORARY = /^[0-9a-f]{16}\./;

/**
 * A folder of folders, each named by the hash of what it is made from. Several processes can use it
 * at the same time. Each marks the entries that it uses with a file `<entry>.<pid>` in a folder
 * beside it. JavaScript, because it is loaded before TypeScript can be.
 */
export class SharedCache {
  /** @type {string} */
  #folder;
  /** @type {string} */
  #marks;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#marks = `${folder}.in-use`;
  }

  /**
   * Returns the folder of an entry, whether it exists or not, and keeps it while this process runs.
   * @param {string} name the hash, 16 hexadecimal digits
   */
  async use(name) {
    await mkdir(this.#folder, { recursive: true });
    await mkdir(this.#marks, { recursive: true });
    await writeFile(join(this.#marks, `${name}.${process.pid}`), '');
    const entry = join(this.#folder, name);
    const now = new Date();
    await utimes(entry, now, now).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    return entry;
  }

  /**
   * Fills a folder and makes it the folder of an entry, which other processes see whole or not at
   * all. If another process comes first, its folder stays.
   * @param {string} entry as `use` returns it
   * @param {(unfinished: string) => Promise<void>} fill
   */
  async create(entry, fill) {
    const unfinished = await mkdtemp(`${entry}.${process.pid}.`);
    try {
      await fill(unfinished);
      await rename(unfinished, entry).catch(() => {});
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  /**
   * Deletes all entries except those that a running process uses and the latest of the others.
   * Deletes incomplete entries too, if their process has ended.
   */
  async prune() {
    await deleteAbandoned(this.#folder, (name) => TEMPORARY.test(name));
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => ({ name, used: await lastUse(join(this.#folder, name)) })),
    );
    const used = await this.#used();
    const free = dated.filter(({ name }) => !used.has(name));
    const old = free.sort((one, other) => other.used - one.used).slice(KEPT);
    await Promise.all(old.map(({ name }) => this.#delete(name)));
  }

  /**
   * Deletes an entry, unless a process starts to use it at this moment.
   * @param {string} name
   */
  async #delete(name) {
    const entry = join(this.#folder, name);
    // Another process sees the entry either whole or not at all.
    const deleted = `${entry}.${process.pid}.deleted`;
    try {
      await rename(entry, deleted);
      if ((await this.#used()).has(name)) await rename(deleted, entry);
    } catch {
      // Another process deletes it too, or has made it again.
    }
    await rm(deleted, { recursive: true, force: true });
  }

  /** Returns the entries that running processes use. Deletes the marks of the others. */
  async #used() {
    const marks = await readdir(this.#marks).catch(() => []);
    const isUsed = (/** @type {string} */ mark) => isRunning(Number(mark.split('.')[1]));
    const ended = marks.filter((mark) => !isUsed(mark));
    await Promise.all(ended.map((mark) => rm(join(this.#marks, mark), { force: true })));
    return new Set(marks.filter(isUsed).map((mark) => mark.replace(/\..*$/, '')));
  }
}

/**
 * Returns the time of the last use, in milliseconds since the epoch.
 * @param {string} path
 */
async function lastUse(path) {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}
