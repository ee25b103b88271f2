/** The terminal of the local cloud. Each call writes one line. */
export interface Log {
  /** @param source the name of a function or a service */
  info(source: string, message: string): void;
  warn(source: string, message: string): void;
  error(source: string, message: string): void;
  /** Writes the payload that takes a hop, by its name. Shown with `--verbose` only. */
  trace(hop: string, payload: unknown): void;
}
