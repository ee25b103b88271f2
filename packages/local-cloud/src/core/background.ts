import type { Log } from './log.ts';

/**
 * Runs a task in the background. A rejection is a bug of the local cloud: the log reports it, and
 * everything else continues.
 */
export function inBackground(what: string, task: Promise<unknown>, log: Log): void {
  task.catch((error: unknown) => {
    log.error(what, `LOST, the local cloud has failed: ${error instanceof Error ? error.stack : error}`);
  });
}
