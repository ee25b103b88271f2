/** Tells listeners that something has changed, but not what. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Calls the listener after each change, until the returned function is called. */
  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reports a change to the listeners. */
  report(): void {
    for (const listener of this.#listeners) listener();
  }
}
