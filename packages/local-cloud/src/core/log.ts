/** Where the local cloud tells the person at the terminal what happens. One line a call. */
export interface Log {
  /** Something a reader of the terminal wants to see; `source` is a function's or a service's name. */
  info(source: string, message: string): void;
  warn(source: string, message: string): void;
  error(source: string, message: string): void;
  /** What crosses between two parts; `hop` is the name of a hop. Shown with `--verbose` only. */
  trace(hop: string, payload: unknown): void;
}
