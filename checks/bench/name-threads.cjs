// Loaded before a measured process: writes the name of each of its threads into a file, because
// Node.js 20 names them all `node`. CommonJS: it must run before Node.js starts its other threads.
const { appendFileSync, existsSync, readdirSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { join } = require('node:path');
const threads = require('node:worker_threads');

const folder = process.env.BENCH_THREADS;
if (folder !== undefined && threads.isMainThread && existsSync('/proc/self/task')) {
  const living = () => readdirSync('/proc/self/task').map(Number);
  const write = (/** @type {number[]} */ ids, /** @type {string} */ name) =>
    appendFileSync(join(folder, String(process.pid)), ids.map((id) => `${id} ${name}\n`).join(''));
  write([process.pid], 'main');
  // The threads of V8 exist from the start; those of libuv and the workers do not.
  write(
    living().filter((id) => id !== process.pid),
    'garbage collection, compilation',
  );

  threads.Worker = class extends threads.Worker {
    /**
     * @param {string | URL} file
     * @param {import('node:worker_threads').WorkerOptions} [options]
     */
    constructor(file, options) {
      const before = new Set(living());
      super(file, options);
      const { handler } = { handler: undefined, ...options?.workerData };
      write(
        living().filter((id) => !before.has(id)),
        typeof handler === 'string' ? handler.replace(/\.\w+$/, '') : 'other workers',
      );
    }
  };
  syncBuiltinESMExports();
}
