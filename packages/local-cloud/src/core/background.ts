import type { Log } from './log.ts';

/** Lets something go on by itself. That it fails is a fault of the local cloud: the log says so, and the rest goes on. */
export function inBackground(what: string, task: Promise<unknown>, log: Log): void {
  task.catch((error: unknown) => {
    log.error(what, `LOST, the local cloud has failed: ${error instanceof Error ? error.stack : error}`);
  });
}
