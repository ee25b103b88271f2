import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Low } from 'lowdb';
import { DataFile } from 'lowdb/node';
import type * as z from 'zod/mini';

/**
 * Keeps state that outlives the process in one JSON file. Change `state`, then await `save()`
 * before you respond: the change then survives a SIGKILL. The file is never half-written.
 */
export class Store<State extends object> {
  readonly #file: Low<State>;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(file: Low<State>) {
    this.#file = file;
  }

  /**
   * Opens the file, or starts with `empty` if there is none.
   * @throws {Error} naming the file, if its content does not match `schema`
   */
  static async open<State extends object>(
    path: string,
    schema: z.ZodMiniType<State>,
    empty: NoInfer<State>,
  ): Promise<Store<State>> {
    await mkdir(dirname(path), { recursive: true });
    const adapter = new DataFile<State>(path, {
      parse: (text) => schema.parse(JSON.parse(text)),
      stringify: (state) => JSON.stringify(state),
    });
    const file = new Low(adapter, empty);
    try {
      await file.read();
    } catch (cause) {
      throw new Error(`${path} cannot be read. Start with --fresh to delete the data.`, { cause });
    }
    return new Store(file);
  }

  get state(): State {
    return this.#file.data;
  }

  /**
   * Resolves once all changes so far are in the file. Calls during a write share the next write, so
   * that a burst of changes serialises the state once.
   */
  save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#file.write();
        return this.#writing;
      });
    return this.#next;
  }
}
