import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import WebSocket from 'ws';
import * as z from 'zod/mini';

/*
 * The authors and the reader of the bench, in a separate process. The command is
 * `load.ts <url> <URL of the WebSocket API> <posts> <clients>`. It sends the posts, with `clients`
 * requests at a time, and prints their times after the last push. A single client waits for each
 * push, which measures latency; several clients measure throughput.
 */

const Saved = z.object({ id: z.string() });
const Update = z.object({ post: Saved });

const [url = '', webSocketUrl = '', posts = '', clients = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const arrivals = new Map<string, PromiseWithResolvers>();
const socket = new WebSocket(webSocketUrl);
socket.on('message', (data) => arrival(Update.parse(JSON.parse(data.toString())).post.id).resolve());
await once(socket, 'open');

console.log(JSON.stringify(await run(Number(posts))));
socket.terminate();
agent.destroy();

/**
 * Sends posts and returns the times in milliseconds: from each request to its response (`post`) and
 * to its push (`push`), and from the first request to the last push (`total`).
 */
async function run(count: number): Promise<{ post: number[]; push: number[]; total: number }> {
  const post: number[] = [];
  const push: number[] = [];
  const started = performance.now();
  let left = count;
  const client = async (): Promise<void> => {
    const pushes: Promise<unknown>[] = [];
    while (left-- > 0) {
      const sent = performance.now();
      const id = await create();
      post.push(performance.now() - sent);
      const pushed = arrival(id).promise.then(() => push.push(performance.now() - sent));
      if (clients === '1') await pushed;
      pushes.push(pushed);
    }
    await Promise.all(pushes);
  };
  await Promise.all(Array.from({ length: Number(clients) }, client));
  return { post, push, total: performance.now() - started };
}

async function create(): Promise<string> {
  const call = request(`${url}/posts`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json' },
  });
  call.end('{"author":"hunter s thompson","title":"Title","body":"Joe is going to Spain","topic":"summer"}');
  const [response] = await once(call, 'response');
  return Saved.parse(await json(response)).id;
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve: () => void;
}

/** Returns the push of a post, which may precede the response to the request. */
function arrival(id: string): PromiseWithResolvers {
  const known = arrivals.get(id);
  if (known) return known;
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  arrivals.set(id, { promise, resolve });
  return { promise, resolve };
}
