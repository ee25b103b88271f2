import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod/mini';

const Times = z.object({ post: z.array(z.number()), push: z.array(z.number()), total: z.number() });

/**
 * The times of posts in milliseconds: from each request to its response (`post`) and to its push
 * (`push`), and from the first request to the last push (`total`).
 */
export type Times = z.infer<typeof Times>;

/** Sends posts to a local cloud from a process of its own, as many at once as there are clients. */
export async function sendPosts(
  { url, webSocketUrl }: { url: string; webSocketUrl: string },
  posts: number,
  clients: number,
): Promise<Times> {
  const load = ['--import', 'tsx/esm', 'checks/bench/load.ts'];
  const args = [...load, url, webSocketUrl, String(posts), String(clients)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    maxBuffer: 2 ** 26,
    timeout: 300_000,
  });
  return Times.parse(JSON.parse(stdout));
}
