import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Only a tenth of the posts are mailed: SNS suspends a subscription above 10 mails a second. */
const topicOf = (key: string) => (key.endsWith('0') ? 'summer' : 'winter');

/** Sends a post with a key. Rejects if the connection ends before the response is complete. */
async function send(cloud: LocalCloud, key: string): Promise<{ status: number; body: string }> {
  const answer = await cloud.request('/posts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ ...examplePost, title: key, topic: topicOf(key) }),
  });
  return { status: answer.status, body: await answer.text() };
}

function createdBy({ status, body }: { status: number; body: string }): CreatedPost {
  expect({ status, body }).toMatchObject({ status: 201 });
  return CreatedPost.parse(JSON.parse(body));
}

/**
 * Runs `npm run redrive` as an operator does, an hour later, when no post is younger than 10
 * minutes.
 */
async function redriveLater(cloud: LocalCloud): Promise<{ code: unknown; output: string }> {
  const later = `const now = Date.now; Date.now = () => now() + ${HOUR};`;
  const options = ['--local', '--url', cloud.url, '--yes', '--unfinished'];
  const child = spawn('npm', ['run', '--silent', 'redrive', '--', ...options], {
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(later)}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}

it('loses no post that was answered with 201 if it is killed during traffic', async () => {
  const killed = await start();
  await killed.subscribe(reader, 'summer');
  // The faults stop some posts at each stage: saved (after the SDK's three attempts), announced,
  // and enriched.
  await switchOn(killed, {
    ...{ function: 'create-post', service: 'events', operation: 'PutEvents' },
    ...{ fault: 'error', probability: 0.7 },
  });
  for (const hop of ['blogPostCreation → recognize-entities', 'BlogPostUpdate → push-post-update'])
    await switchOn(killed, { hop, fault: 'delay', ms: HOUR, probability: 0.3 });
  const { messages } = await killed.connect();

  const answers = new Map<string, CreatedPost>();
  const unanswered: string[] = [];
  const authors = Array.from({ length: 8 }, async (_, author) => {
    for (let count = 0; ; count++) {
      const key = `author-${author}-${count}`;
      const answer = await send(killed, key).catch(() => undefined);
      if (!answer) return unanswered.push(key);
      answers.set(key, createdBy(answer));
    }
  });
  await eventually(() => expect(answers.size).toBeGreaterThan(150));
  await killed.stop('SIGKILL');
  await Promise.all(authors);
  expect(unanswered).toHaveLength(authors.length);

  // This shortens AWS's delays, such as the minute that the relay leaves to `create-post`. The
  // stored data does not change.
  const restarted = await start(['--speed', '20']);
  const before = await saved(restarted);
  for (const answer of answers.values())
    expect(CreatedPost.parse(before.get(answer.id)?.post)).toEqual(answer);
  const told = new Set(messages.map((message) => PostUpdated.parse(message).post.id));
  const items = [...before.values()];
  const marked = items.filter((item) => item.marked);
  const underWay = items.filter((item) => isUnfinished(item) && !item.marked);
  const untold = items.filter((item) => !isUnfinished(item) && !told.has(item.post.id));
  for (const stage of [marked, underWay, untold]) expect(stage.length).toBeGreaterThan(5);

  // Clients reconnect and ask for the posts that they missed.
  const [first, ...others] = untold;
  const watcher = await restarted.connect(`?postId=${first?.post.id}`);
  const subscriber = await restarted.connect('?topic=other');
  for (const { post } of others)
    subscriber.socket.send(JSON.stringify({ action: 'subscribe', postId: post.id }));
  await eventually(() => {
    expect(watcher.messages).toMatchObject([
      { type: 'post.updated', revision: 2, post: { id: first?.post.id } },
    ]);
    const answered = z.array(SubscribedToPost).parse(subscriber.messages);
    expect(new Map(answered.map(({ postId, post }) => [postId, post]))).toEqual(
      new Map(others.map(({ post }) => [post.id, post])),
    );
  });

  // Authors without a response retry. Each key leads to one post, whether it was saved before or
  // not.
  for (const key of unanswered) answers.set(key, createdBy(await send(restarted, key)));

  const rare = marked.flatMap(({ post }) => (post.topic === 'summer' ? post.id : []));
  expect(rare).not.toEqual([]);
  await eventually(async () => {
    expect([...(await saved(restarted)).values()].filter((item) => item.marked)).toEqual([]);
    const mailed = (await restarted.emails(reader)).map(({ text }) => /"id":"([^"]+)"/.exec(text)?.[1]);
    expect(mailed).toEqual(expect.arrayContaining(rare));
  });

  // These posts have no marker, so the relay ignores them. Only the redrive finds them in the
  // table.
  const forgotten = await saved(restarted);
  expect(underWay.filter(({ post }) => forgotten.get(post.id)?.post.entities)).toEqual([]);
  const { code, output } = await redriveLater(restarted);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Nothing is left.') });
  await eventually(async () => {
    const after = await saved(restarted);
    expect([...after.values()].filter(isUnfinished)).toEqual([]);
  });

  const after = await saved(restarted);
  for (const answer of answers.values())
    expect(CreatedPost.parse(after.get(answer.id)?.post)).toEqual(answer);
  expect([...after.values()].map(({ post }) => post.title).sort()).toEqual([...answers.keys()].sort());
  expect(await restarted.deadLetters()).toBe(0);
  expect(restarted.output).not.toContain('LOST');
});
