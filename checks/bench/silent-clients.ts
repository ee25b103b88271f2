import { once } from 'node:events';
import { eventually } from 'local-cloud/fixtures/eventually';
import pMap from 'p-map';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { PostUpdated } from '../../model/messages.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { residentMegabytes } from './memory.ts';
import { median } from './statistics.ts';

const POSTS = 200;
const AUTHORS = 4;
/** One long word, in which the local Comprehend quickly finds no name. */
const body = `Joe is going to Spain. ${'x'.repeat(90 * 1024)}`;
/** Each client that hangs can delay a push by seconds. */
const PATIENCE = 300_000;

const Saved = z.looseObject({ id: z.string() });

/** The measurements of one client that reads while other clients do not. */
export interface SilentClientsFigures {
  silent: number;
  /** The median time from the request to the push, in milliseconds. */
  push: number;
  /** The messages that the client has received more than once. */
  repeated: number;
  deadLetters: number;
  /** The largest resident memory of the local cloud, and that after the last push, in megabytes. */
  peak: number;
  after: number;
}

/** Pushes posts of 90 KB to one client that reads, and to `silent` clients that never do. */
export async function measureSilentClients(silent: number): Promise<SilentClientsFigures> {
  const cloud = await LocalCloud.start(UNTHROTTLED);
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(cloud.pid));
  }, 500);
  const sockets: WebSocket[] = [];
  const connect = async () => {
    const socket = new WebSocket(cloud.webSocketUrl);
    sockets.push(socket);
    await once(socket, 'open');
    return socket;
  };
  try {
    for (let client = 0; client < silent; client++) (await connect()).pause();
    const received = new Map<string, number[]>();
    (await connect()).on('message', (data) => {
      const { post } = PostUpdated.parse(JSON.parse(String(data)));
      received.set(post.id, [...(received.get(post.id) ?? []), performance.now()]);
    });
    const started = new Map<string, number>();
    await pMap(
      Array.from({ length: POSTS }, (_, n) => n),
      async (n) => {
        const start = performance.now();
        const response = await cloud.post({ ...examplePost, title: `Title ${n}`, body });
        started.set(Saved.parse(await response.json()).id, start);
      },
      { concurrency: AUTHORS },
    );
    await eventually(() => {
      if (received.size < POSTS) throw new Error(`Only ${received.size} of ${POSTS} posts are pushed.`);
    }, PATIENCE);
    const times = [...started].map(([id, start]) => (received.get(id)?.[0] ?? Number.NaN) - start);
    const repeated = [...received.values()].reduce((sum, { length }) => sum + length - 1, 0);
    const after = residentMegabytes(cloud.pid);
    return { silent, push: median(times), repeated, deadLetters: await cloud.deadLetters(), peak, after };
  } finally {
    clearInterval(sampling);
    for (const socket of sockets) socket.terminate();
    await cloud.stop();
  }
}
