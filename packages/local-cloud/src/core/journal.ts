import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';

/** The size above which the file is compacted once less than half of it is needed. */
const COMPACTED_BYTES = 1024 ** 2;

/** The size of the pieces in which the file is read and compacted: a few milliseconds of work. */
const PIECE_BYTES = 256 * 1024;

/** A value, and the bytes that it takes in the file: 0 if it is not there. */
interface Entry {
  readonly section: string;
  readonly id: string;
  /** `undefined` once it is deleted. */
  value: unknown;
  bytes: number;
}

/** The file that a compaction writes, beside the one that it will replace. */
interface Compaction {
  file: number;
  bytes: number;
  /** The values at its start that are not in the file yet, in reverse order. */
  left: { entry: Entry; value: unknown }[];
  /** The lines since its start. */
  later: string[];
}

/**
 * Keeps the state of the services, so that it survives the process: an append-only file that is
 * replayed at the start. All changes of a turn of the event loop are one line, so that wherever the
 * file ends, it has all of them or none. A value that is kept and deleted in the same turn is never
 * written.
 *
 * A change survives a SIGKILL once `written()` resolves. It does not survive a power failure, since
 * the file is not synchronized with the disk.
 */
export class Journal {
  readonly #path: string;
  #file: number;
  readonly #sections = new Map<string, Map<string, Entry>>();
  /** The entries to write. */
  readonly #changed = new Set<Entry>();
  /** The bytes of the file, and of the values in it that are needed. */
  #size = 0;
  #needed = 0;
  #flushing: Promise<void> | undefined;
  #compaction: Compaction | undefined;
  #closed = false;

  /**
   * Opens the file. A last line that is not complete is removed: nobody was told that it was kept.
   * @throws {Error} naming the file, if it cannot be read
   */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a+');
    try {
      for (const { line, bytes } of linesOf(this.#file)) this.#replay(line, bytes);
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    ftruncateSync(this.#file, this.#size);
  }

  /**
   * Returns the part of the journal that has this name, with the values that it has now.
   * @param schema the schema of its values, which are JSON
   * @throws {Error} naming the file, if a value does not match the schema
   */
  section<Schema extends z.ZodMiniType>(name: string, schema: Schema): Section<Schema> {
    const entries = this.#entries(name);
    const left = new Map<string, z.output<Schema>>();
    try {
      for (const { id, value } of entries.values())
        if (value !== undefined) left.set(id, z.parse(schema, value));
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    return {
      left,
      put: (id, value) => this.#put(name, id, value),
      delete: (id) => this.#delete(entries.get(id)),
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
    if (!this.#compaction) return;
    closeSync(this.#compaction.file);
    rmSync(this.#newPath);
  }

  get #newPath(): string {
    return `${this.#path}.new`;
  }

  #entries(section: string): Map<string, Entry> {
    const entries = this.#sections.get(section) ?? new Map<string, Entry>();
    this.#sections.set(section, entries);
    return entries;
  }

  #replay(line: string, bytes: number): void {
    const changes = changesIn(line);
    const values = changes.filter((change) => change.length === 3).length;
    this.#size += bytes;
    for (const [section, id, value] of changes) {
      const entry = this.#entry(section, id);
      entry.value = value;
      this.#setBytes(entry, value === undefined ? 0 : bytes / values);
    }
  }

  #put(section: string, id: string, value: unknown): void {
    if (this.#closed) return;
    const entry = this.#entry(section, id);
    entry.value = value;
    this.#changed.add(entry);
    void this.written();
  }

  #entry(section: string, id: string): Entry {
    const entries = this.#entries(section);
    const entry = entries.get(id) ?? { section, id, value: undefined, bytes: 0 };
    entries.set(id, entry);
    return entry;
  }

  #delete(entry: Entry | undefined): void {
    if (this.#closed || entry?.value === undefined) return;
    entry.value = undefined;
    this.#changed.add(entry);
    void this.written();
  }

  #flush(): void {
    if (this.#closed || this.#changed.size === 0) return;
    const changes: string[] = [];
    for (const entry of this.#changed) {
      const { section, id, value, bytes } = entry;
      if (value !== undefined) changes.push(this.#textOf(entry, value));
      else if (bytes > 0) changes.push(JSON.stringify([section, id]));
      if (value === undefined) this.#setBytes(entry, 0);
    }
    this.#changed.clear();
    if (changes.length === 0) return;
    const line = `[${changes.join()}]\n`;
    appendFileSync(this.#file, line);
    this.#size += Buffer.byteLength(line);
    this.#compaction?.later.push(line);
    if (!this.#compaction && this.#size > COMPACTED_BYTES && this.#size > 2 * this.#needed) this.#compact();
  }

  /** Returns a change as text, and notes its size, unless the entry has changed since. */
  #textOf(entry: Entry, value: unknown): string {
    const text = JSON.stringify([entry.section, entry.id, value]);
    if (entry.value === value) this.#setBytes(entry, Buffer.byteLength(text));
    return text;
  }

  /** Notes the size of an entry in the file. Forgets an entry that is deleted there. */
  #setBytes(entry: Entry, bytes: number): void {
    this.#needed += bytes - entry.bytes;
    entry.bytes = bytes;
    if (bytes === 0) this.#sections.get(entry.section)?.delete(entry.id);
  }

  /**
   * Replaces the file by one that contains only what is needed, piece by piece, while the services
   * continue. Until it is complete, every line goes into the present file too.
   */
  #compact(): void {
    const left = [...this.#sections.values()].flatMap((entries) =>
      Array.from(entries.values(), (entry) => ({ entry, value: entry.value })),
    );
    this.#compaction = { file: openSync(this.#newPath, 'w'), bytes: 0, left: left.reverse(), later: [] };
    setImmediate(() => this.#continueCompaction());
  }

  #continueCompaction(): void {
    const { file, left, later } = this.#compaction ?? {};
    if (this.#closed || !this.#compaction || !file || !left || !later) return;
    let text = '';
    while (text.length < PIECE_BYTES) {
      const next = left.pop();
      if (!next) break;
      text += `[${this.#textOf(next.entry, next.value)}]\n`;
    }
    if (left.length === 0) text += later.splice(0).join('');
    writeFileSync(file, text);
    this.#compaction.bytes += Buffer.byteLength(text);
    if (left.length > 0) {
      setImmediate(() => this.#continueCompaction());
      return;
    }
    renameSync(this.#newPath, this.#path);
    closeSync(this.#file);
    this.#file = file;
    this.#size = this.#compaction.bytes;
    this.#compaction = undefined;
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

/** A section and an ID, with the value or, for a deletion, without. */
type Change = [section: string, id: string, value?: unknown];

/**
 * Returns the changes in a line.
 * @throws {Error} if it has another form
 */
function changesIn(line: string): Change[] {
  const changes: unknown = JSON.parse(line);
  // Not by a schema: there can be a hundred thousand.
  if (!Array.isArray(changes) || !changes.every(isChange))
    throw new Error(`No changes: ${line.slice(0, 100)}`);
  return changes;
}

function isChange(value: unknown): value is Change {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false;
  return typeof value[0] === 'string' && typeof value[1] === 'string';
}

/** Returns the complete lines of a file, with their sizes. It can be longer than a string can be. */
function* linesOf(file: number): Iterable<{ line: string; bytes: number }> {
  const piece = Buffer.allocUnsafe(16 * PIECE_BYTES);
  let begun: Buffer[] = [];
  for (let position = 0; ; ) {
    const bytes = readSync(file, piece, 0, piece.length, position);
    if (bytes === 0) return;
    position += bytes;
    let start = 0;
    for (let end = piece.indexOf('\n'); end !== -1 && end < bytes; end = piece.indexOf('\n', start)) {
      const rest = piece.subarray(start, end);
      const line = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      yield { line: line.toString('utf8'), bytes: line.length + 1 };
      begun = [];
      start = end + 1;
    }
    if (start < bytes) begun.push(Buffer.from(piece.subarray(start, bytes)));
  }
}
