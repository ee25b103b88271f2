import type { Log } from '../../local/log.ts';

/** A log that keeps its warnings. */
export class RecordedLog implements Log {
  readonly warnings: string[] = [];

  info(): void {}
  error(): void {}
  trace(): void {}
  warn(source: string, message: string): void {
    this.warnings.push(`${source}: ${message}`);
  }
}
