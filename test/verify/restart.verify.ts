import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { eventually } from 'local-cloud/fixtures/eventually';
import * as z from 'zod/mini';
import type { StoredPost } from '../../checks/soak/promise.ts';
import { storedPosts } from '../../checks/soak/stored-posts.ts';
import { examplePost } from '../../contracts/examples.ts';
import { PostUpdated, SubscribedToPost } from '../../model/messages.ts';
import { CreatedPost } from '../../model/post.ts';
import { localStackOf } from '../../operations/stack.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

const HOUR = 3_600_000;
const reader = 'reader@example.com';
/** The pauses between posts. SNS suspends a reader of more than 10 e-mails a second. */
const PAUSE_MS = { summer: 150, winter: 20 };
/** A connection has at most 100 subscriptions. */
const POSTS_OF_CLIENT = 50;

let data: string;
const clouds: LocalCloud[] = [];
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'restart-'));
});
afterAll(async () => {
  for (const cloud of clouds) await cloud.stop('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

async function start(options: string[] = []): Promise<LocalCloud> {
  const cloud = await LocalCloud.start([...UNTHROTTLED, ...options], { data });
  clouds.push(cloud);
  return cloud;
}

async function switchOn(cloud: LocalCloud, fault: object): Promise<void> {
  const answer = await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(answer.status).toBe(201);
}

const saved = (cloud: LocalCloud) => storedPosts(localStackOf(cloud.outputs));

const isUnfinished = ({ post }: StoredPost) => !post.entities && !post.enrichment;

/** Sends a post with a key. Rejects if the connection ends before the response is complete. */
async function send(cloud: LocalCloud, key: string): Promise<{ status: number; body: string }> {
  const [topic] = key.split(' ');
  const answer = await cloud.request('/posts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key.replace(' ', '-') },
    body: JSON.stringify({ ...examplePost, title: key, topic }),
  });
  return { status: answer.status, body: await answer.text() };
}

function createdBy({ status, body }: { status: number; body: string }): CreatedPost {
  expect({ status, body }).toMatchObject({ status: 201 });
  return CreatedPost.parse(JSON.parse(body));
}

/** Returns the IDs of the posts about which the reader has received e-mails. */
async function mailed(cloud: LocalCloud): Promise<unknown[]> {
  return (await cloud.emails(reader)).map(({ text }) => /"id":"([^"]+)"/.exec(text)?.[1]);
}

it('loses no post, e-mail or push of a post that was answered with 201 if it is killed during traffic', async () => {
  const killed = await start();
  await killed.subscribe(reader, 'summer');
  // The faults stop some posts at each stage: saved (after the SDK's three attempts), on the way to
  // the reader, to the enrichment and to the clients.
  await switchOn(killed, {
    ...{ function: 'create-post', service: 'events', operation: 'PutEvents' },
    ...{ fault: 'error', probability: 0.5 },
  });
  const stop = { fault: 'delay', ms: HOUR, probability: 0.3 };
  for (const hop of ['blogPostCreation → recognize-entities', 'BlogPostUpdate → push-post-update'])
    await switchOn(killed, { hop, ...stop });
  await switchOn(killed, { service: 'sns', operation: 'Publish', ...stop });
  await switchOn(killed, { service: 'sns', operation: 'Deliver', fault: 'error', probability: 0.3 });
  const { messages } = await killed.connect();

  const answers = new Map<string, CreatedPost>();
  const unanswered: string[] = [];
  const author = async (topic: 'summer' | 'winter', name: string) => {
    for (let count = 0; ; count++) {
      const key = `${topic} ${name}-${count}`;
      const answer = await send(killed, key).catch(() => undefined);
      if (!answer) return unanswered.push(key);
      answers.set(key, createdBy(answer));
      await setTimeout(PAUSE_MS[topic]);
    }
  };
  const authors = [author('summer', 'author'), ...['a', 'b', 'c', 'd'].map((name) => author('winter', name))];
  const summer = () => [...answers.values()].flatMap(({ id, topic }) => (topic === 'summer' ? id : []));
  await eventually(() => {
    expect(answers.size).toBeGreaterThan(150);
    expect(summer().length).toBeGreaterThan(20);
  });
  // From here on, no record of the stream is processed.
  await switchOn(killed, { service: 'dynamodb', operation: 'GetRecords', fault: 'delay', ms: HOUR });
  const soon = answers.size + 50;
  await eventually(() => expect(answers.size).toBeGreaterThan(soon));
  const items = [...(await saved(killed)).values()];
  const told = new Set(messages.map((message) => PostUpdated.parse(message).post.id));
  const read = new Set(await mailed(killed));
  await killed.stop('SIGKILL');
  await Promise.all(authors);
  const marked = items.filter((item) => item.marked);
  const underWay = items.filter((item) => isUnfinished(item) && !item.marked);
  const untold = items.filter((item) => !isUnfinished(item) && !told.has(item.post.id));
  const unread = items.filter(({ post, marked }) => post.topic === 'summer' && !marked && !read.has(post.id));
  for (const stage of [marked, underWay, untold]) expect(stage.length).toBeGreaterThan(5);
  expect(unread).not.toEqual([]);

  // This shortens AWS's delays, such as the minute that the relay leaves to `create-post`. The
  // stored data does not change.
  const restarted = await start(['--speed', '20']);
  const kept = await saved(restarted);
  for (const answer of answers.values()) expect(CreatedPost.parse(kept.get(answer.id)?.post)).toEqual(answer);
  expect(await mailed(restarted)).toEqual(expect.arrayContaining([...read]));

  // Authors without a response retry. Each key leads to one post, whether it was saved before or
  // not.
  for (const key of unanswered) answers.set(key, createdBy(await send(restarted, key)));

  // Clients reconnect and ask for all posts. They receive the states, now or when they change.
  const ids = [...answers.values()].map(({ id }) => id);
  const states: unknown[][] = [];
  for (let first = 0; first < ids.length; first += POSTS_OF_CLIENT) {
    const { socket, messages } = await restarted.connect('?topic=other');
    states.push(messages);
    for (const postId of ids.slice(first, first + POSTS_OF_CLIENT))
      socket.send(JSON.stringify({ action: 'subscribe', postId }));
  }
  const enriched = new Set<string>();
  await eventually(() => {
    for (const message of states.flatMap((received) => received.splice(0))) {
      const { post } = z.union([PostUpdated, SubscribedToPost]).parse(message);
      if (post?.entities) enriched.add(post.id);
    }
    expect(ids.filter((id) => !enriched.has(id))).toEqual([]);
  });
  // The relay announces the posts that are marked. Everything else continues by itself.
  await eventually(async () => {
    const read = new Set(await mailed(restarted));
    expect(summer().filter((id) => !read.has(id))).toEqual([]);
    expect([...(await saved(restarted)).values()].filter((item) => item.marked)).toEqual([]);
  });

  const after = await saved(restarted);
  expect([...after.values()].filter(isUnfinished)).toEqual([]);
  for (const answer of answers.values())
    expect(CreatedPost.parse(after.get(answer.id)?.post)).toEqual(answer);
  expect([...after.values()].map(({ post }) => post.title).sort()).toEqual([...answers.keys()].sort());
  expect(await restarted.deadLetters()).toBe(0);
  expect(restarted.output).not.toContain('LOST');
  expect(restarted.output).not.toContain('SUSPENDED');
});
