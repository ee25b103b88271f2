import type { Log } from '../../local/log.ts';

/** A log that keeps its warnings and errors. */
export class RecordedLog implements Log {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];

  info(): void {}
  trace(): void {}
  warn(source: string, message: string): void {
    this.warnings.push(`${source}: ${message}`);
  }
  error(source: string, message: string): void {
    this.errors.push(`${source}: ${message}`);
  }
}
