import { parentPort } from 'node:worker_threads';

/** Makes all calls of a function for each message, one after the other, and answers it. */
export function serve(calls: readonly (() => Promise<unknown>)[]): void {
  parentPort?.on('message', async () => {
    for (const call of calls) await call();
    parentPort?.postMessage('done');
  });
}
