import { once } from 'node:events';
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import pMap from 'p-map';
import * as z from 'zod/mini';

/*
 * The floor, in a process of its own as the local cloud is. Its worker threads make the calls of a
 * post, and the main thread answers each with an empty object immediately. A message
 * `{ posts, atOnce }` of the parent is answered with `done`.
 */

const Functions = z.array(z.object({ name: z.string(), file: z.string(), environments: z.int() }));
const Order = z.object({ posts: z.int(), atOnce: z.int() });

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () =>
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}'),
  );
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = z.object({ port: z.int() }).parse(server.address());

/** The environments of a function, which start when they are first needed, as those of Lambda do. */
class Environments {
  readonly #start: () => Worker;
  readonly #maximum: number;
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  #started = 0;

  constructor(maximum: number, start: () => Worker) {
    this.#maximum = maximum;
    this.#start = start;
  }

  async run(): Promise<void> {
    const worker = this.#idle.pop() ?? (await this.#next());
    worker.postMessage('run');
    await once(worker, 'message');
    const next = this.#waiting.shift();
    if (next) next(worker);
    else this.#idle.push(worker);
  }

  #next(): Worker | Promise<Worker> {
    if (this.#started === this.#maximum) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#started++;
    return this.#start();
  }
}

const functions = Functions.parse(JSON.parse(process.argv[2] ?? '')).map(
  ({ name, file, environments }) =>
    new Environments(
      environments,
      () =>
        new Worker(file, {
          workerData: { handler: `${name}.handler` },
          execArgv: [],
          env: {
            AWS_ACCESS_KEY_ID: 'floor',
            AWS_SECRET_ACCESS_KEY: 'floor',
            AWS_REGION: 'us-east-1',
            AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          },
        }),
    ),
);

process.on('message', async (message) => {
  const { posts, atOnce } = Order.parse(message);
  await pMap(
    Array.from({ length: posts }),
    async () => {
      for (const environments of functions) await environments.run();
    },
    { concurrency: atOnce },
  );
  process.send?.('done');
});
process.send?.('done');
