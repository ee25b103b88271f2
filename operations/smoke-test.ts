import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import { Post, PostPage } from '../model/post.ts';
import { Follower } from './follower.ts';
import { LocalReader } from './local-reader.ts';
import { removePost } from './post-removal.ts';
import { patience, type StepResult, Steps } from './smoke-steps.ts';
import type { Stack } from './stack.ts';

const Outputs = z.object({ ApiUrl: z.string(), WebSocketUrl: z.string(), TopicArn: z.string() });

/** What the test creates, and therefore removes. */
interface Created {
  postId?: string;
  isRemoved?: boolean;
  follower?: Follower;
  reader?: LocalReader;
}

/**
 * Sends one post through a running stack, as an author, a follower, a reader and an operator do. On
 * the local cloud, it also subscribes by e-mail. In the end it removes the post, whatever has failed.
 * @param interruption ends the test, except that it cleans up
 * @returns each step that was made
 */
export async function smokeTest(stack: Stack, interruption: AbortSignal): Promise<StepResult[]> {
  const outputs = parse(Outputs, stack.outputs, 'The list of outputs');
  const api = outputs.ApiUrl.replace(/\/$/, '');
  const steps = new Steps(() => performance.now(), setTimeout, interruption);
  const created: Created = {};
  const name = `smoke-${randomUUID()}`;
  const isLocal = stack.settings.endpoint !== undefined;

  await steps.run('connect', async () => {
    created.follower = await Follower.connect(outputs.WebSocketUrl, name, patience);
  });
  if (isLocal) {
    const reader = new LocalReader(stack, `${name}@example.com`);
    await steps.run('subscribe by e-mail', async () => {
      created.reader = reader;
      await reader.subscribe(outputs.TopicArn, name);
    });
    await steps.waitFor('confirm the subscription', 'confirmation in the inbox', () => reader.confirm());
  }
  await steps.run('post', async () => {
    created.postId = await createPost(api, name);
  });
  await followPost(steps, api, name, created);
  await steps.run('remove the post', () => remove(stack, created));
  const isRemoval = () => isTold(created, 'post.removed');
  await steps.waitFor('push of the removal', 'post.removed on the WebSocket', isRemoval);
  await steps.run('read the removed post', () => read(api, `/posts/${created.postId}`, 404));
  await steps.run('clean up', () => cleanUp(stack, api, name, created), { cleansUp: true });
  return steps.results;
}

/** Waits until the new post has arrived everywhere. */
async function followPost(steps: Steps, api: string, topic: string, created: Created): Promise<void> {
  const isUpdate = () => isTold(created, 'post.updated');
  await steps.waitFor('push of the enrichment', 'post.updated on the WebSocket', isUpdate);
  let etag = '';
  await steps.run('read the post', async () => {
    const answer = await read(api, `/posts/${created.postId}`, 200);
    const post = parse(Post, await answer.json(), 'The post');
    if (!post.entities) throw new Error(`The post is not enriched: ${post.enrichment?.reason}`);
    etag = answer.headers.get('etag') ?? '';
  });
  await steps.run('read it with its ETag', () =>
    read(api, `/posts/${created.postId}`, 304, { 'if-none-match': etag }),
  );
  await steps.waitFor('list its topic', 'post in the list', async () => {
    return (await listed(api, topic)).some((id) => id === created.postId);
  });
  const { reader } = created;
  if (reader)
    await steps.waitFor('e-mail', 'e-mail about the post in the inbox', () =>
      reader.hasMailAbout(created.postId ?? ''),
    );
}

async function createPost(api: string, topic: string): Promise<string> {
  const answer = await fetch(`${api}/posts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': topic },
    body: JSON.stringify({ author: 'smoke test', title: 'Smoke test', body: 'Joe is going to Spain', topic }),
    signal: AbortSignal.timeout(patience),
  });
  if (answer.status !== 201) throw new Error(`POST /posts returned ${answer.status}: ${await answer.text()}`);
  return parse(Post, await answer.json(), 'The saved post').id;
}

/** @throws {Error} if the response has another status */
async function read(api: string, path: string, status: number, headers = {}): Promise<Response> {
  const answer = await fetch(`${api}${path}`, { headers, signal: AbortSignal.timeout(patience) });
  if (answer.status !== status) throw new Error(`GET ${path} returned ${answer.status}, not ${status}.`);
  return answer;
}

function isTold({ follower, postId }: Created, type: 'post.updated' | 'post.removed'): boolean {
  const { messages = [] } = follower ?? {};
  return messages.some((message) =>
    message.type === 'post.updated'
      ? type === message.type && message.post.id === postId
      : message.type === 'post.removed' && type === message.type && message.postId === postId,
  );
}

async function remove(stack: Stack, created: Created): Promise<void> {
  const outcome = await removePost(stack, created.postId ?? '');
  if (outcome === 'not found') throw new Error(`The post ${created.postId} is not in the table.`);
  created.isRemoved = true;
}

/** Removes all that is left of the test. No other post has its topic. */
async function cleanUp(stack: Stack, api: string, topic: string, created: Created): Promise<void> {
  created.follower?.close();
  await created.reader?.unsubscribe();
  if (created.isRemoved) return;
  // A request whose response was lost may have saved the post.
  const ids = created.postId === undefined ? await listed(api, topic) : [created.postId];
  for (const id of ids) await removePost(stack, id);
}

async function listed(api: string, topic: string): Promise<string[]> {
  const answer = await read(api, `/posts?${new URLSearchParams({ topic })}`, 200);
  return parse(PostPage, await answer.json(), 'The list').posts.map(({ id }) => id);
}
