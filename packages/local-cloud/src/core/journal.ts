import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';

/** A line of the file: a key with its value, or without one for a deletion. */
const Line = z.union([z.tuple([z.string(), z.unknown()]), z.tuple([z.string()])]);

/** The size above which the file is compacted once less than half of it is needed. */
const COMPACTED_BYTES = 1024 ** 2;

/**
 * Keeps work that waits, so that it survives the process: an append-only file that is replayed at
 * the start. All changes of a turn of the event loop are one append, and a value that is kept and
 * deleted in the same turn is never written.
 *
 * A change survives a SIGKILL once `written()` resolves. It does not survive a power failure, since
 * the file is not synchronized with the disk. Work that is kept under a new key in the turn
 * in which its old key is deleted, or before, is never lost, wherever the file ends.
 */
export class Journal {
  readonly #path: string;
  #file: number;
  readonly #values: Map<string, unknown>;
  /** The bytes of each key's last line in the file. */
  readonly #sizes = new Map<string, number>();
  /** The keys to write. */
  readonly #changed = new Set<string>();
  /** The bytes of the file, and of the lines in it that are needed. */
  #size = 0;
  #needed = 0;
  #flushing: Promise<void> | undefined;
  #closed = false;

  /**
   * Opens the file. A last line that is not complete is ignored: nobody was told that it was kept.
   * @throws {Error} naming the file, if it cannot be read
   */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a+');
    try {
      this.#values = replay(readFileSync(this.#file, 'utf8'));
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    this.#compact();
  }

  /**
   * Returns the part of the journal that has this name, with the values that it has now.
   * @param schema the schema of its values, which are JSON
   * @throws {Error} naming the file, if a value does not match the schema
   */
  section<Schema extends z.ZodMiniType>(name: string, schema: Schema): Section<Schema> {
    const prefix = `${name}/`;
    const own = [...this.#values].filter(([key]) => key.startsWith(prefix));
    try {
      const left = new Map(own.map(([key, value]) => [key.slice(prefix.length), z.parse(schema, value)]));
      return this.#section(prefix, left);
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #section<Schema extends z.ZodMiniType>(
    prefix: string,
    left: ReadonlyMap<string, z.output<Schema>>,
  ): Section<Schema> {
    return {
      left,
      put: (id, value) => this.#put(prefix + id, value),
      delete: (id) => this.#delete(prefix + id),
    };
  }

  /** Resolves once all changes so far are in the file. */
  async written(): Promise<void> {
    if (this.#changed.size === 0) return;
    this.#flushing ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#flushing = undefined;
        this.#flush();
        resolve();
      });
    });
    await this.#flushing;
  }

  /** Writes the changes so far. Later changes are ignored. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    closeSync(this.#file);
  }

  #put(key: string, value: unknown): void {
    if (this.#closed) return;
    this.#values.set(key, value);
    this.#changed.add(key);
    void this.written();
  }

  #delete(key: string): void {
    if (this.#closed || !this.#values.delete(key)) return;
    if (!this.#sizes.has(key)) this.#changed.delete(key);
    else this.#changed.add(key);
    void this.written();
  }

  #flush(): void {
    if (this.#closed || this.#changed.size === 0) return;
    // Deletions come last, behind whatever continues the work.
    const changed = [...this.#changed];
    this.#changed.clear();
    const kept = changed.filter((key) => this.#values.has(key));
    const deleted = changed.filter((key) => !this.#values.has(key));
    const lines = [...kept, ...deleted].map((key) => this.#line(key)).join('');
    appendFileSync(this.#file, lines);
    this.#size += Buffer.byteLength(lines);
    if (this.#size > COMPACTED_BYTES && this.#size > 2 * this.#needed) this.#compact();
  }

  /** Returns the line with the present state of a key. */
  #line(key: string): string {
    const isKept = this.#values.has(key);
    const line = `${JSON.stringify(isKept ? [key, this.#values.get(key)] : [key])}\n`;
    this.#needed -= this.#sizes.get(key) ?? 0;
    if (isKept) {
      const bytes = Buffer.byteLength(line);
      this.#sizes.set(key, bytes);
      this.#needed += bytes;
    } else this.#sizes.delete(key);
    return line;
  }

  /** Replaces the file by one that contains only what is needed. */
  #compact(): void {
    this.#sizes.clear();
    this.#needed = 0;
    writeFileSync(`${this.#path}.new`, [...this.#values.keys()].map((key) => this.#line(key)).join(''));
    renameSync(`${this.#path}.new`, this.#path);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a');
    this.#size = this.#needed;
  }

  #unreadable(cause: unknown): Error {
    return new Error(`${this.#path} cannot be read. Start with --fresh to delete the data.`, { cause });
  }
}

/** The values of one kind in a journal, by ID. */
export interface Section<Schema extends z.ZodMiniType> {
  /** The values that the previous process has left, oldest first. Later changes do not affect it. */
  readonly left: ReadonlyMap<string, z.output<Schema>>;
  /** Keeps a value, which must not change until it is written, or replaces the one with its ID. */
  put(id: string, value: z.input<Schema>): void;
  delete(id: string): void;
}

function replay(text: string): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of complete.split('\n')) {
    if (line === '') continue;
    const [key, ...value] = Line.parse(JSON.parse(line));
    if (value.length > 0) values.set(key, value[0]);
    else values.delete(key);
  }
  return values;
}
