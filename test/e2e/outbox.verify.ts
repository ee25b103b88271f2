import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;

const log = new RecordedLog();
let cloud: VirtualCloud;
beforeAll(async () => {
  cloud = await VirtualCloud.start(await synthesizedAssembly(), log);
});
afterEach(() => {
  cloud.faults.clear();
  cloud.disconnect();
  log.warnings.length = 0;
  log.errors.length = 0;
});
afterAll(() => cloud.stop());

/**
 * Subscribes a reader and connects a client to a topic. Returns a function that returns what they
 * have received, without the confirmation mail.
 */
async function subscribeAndConnect(topic: string) {
  const reader = `${topic}@example.com`;
  await cloud.subscribe(reader, topic);
  const { messages } = await cloud.connect(`?topic=${topic}`);
  return async () => ({ mails: (await cloud.emails(reader)).slice(1), messages });
}

async function postsOf(topic: string) {
  const answer = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.PostsTableName });
  const Items = z.array(
    z.looseObject({ id: z.object({ S: z.string() }), topic: z.object({ S: z.string() }) }),
  );
  const { Items: posts } = z.object({ Items }).parse(JSON.parse(answer));
  return posts.filter((post) => post.topic.S === topic);
}

async function markers(): Promise<number> {
  const answer = await cloud.dynamoDb('Scan', {
    TableName: cloud.outputs.PostsTableName,
    IndexName: 'outbox',
    Select: 'COUNT',
  });
  return z.object({ Count: z.number() }).parse(JSON.parse(answer)).Count;
}

const crash = { function: 'create-post', service: 'dynamodb', fault: 'crash', when: 'after' };

it('announces a post within three minutes if create-post crashes after the save', async () => {
  const received = await subscribeAndConnect('died');
  cloud.faults.add(Fault.parse({ ...crash, operation: 'PutItem' }));
  expect((await cloud.post({ ...examplePost, topic: 'died' })).status).toBe(502);
  expect(await markers()).toBe(1);
  expect(await received()).toEqual({ mails: [], messages: [] });

  await cloud.pass(3 * MINUTE);
  const [post] = await postsOf('died');
  const { mails, messages } = await received();
  expect(mails).toHaveLength(1);
  const { url } = JSON.parse(mails[0]?.text.split('\n')[0] ?? '');
  // That of the stack, which names localhost.
  expect(url).toBe(`${cloud.url.replace('127.0.0.1', 'localhost')}/posts/${post?.id.S}`);
  expect(messages).toMatchObject([
    { type: 'post.updated', revision: 2, post: { ...examplePost, topic: 'died' } },
  ]);
  expect(JSON.stringify({ mails, messages })).not.toContain('outbox');
  expect(Object.keys(post ?? {}).filter((name) => name.startsWith('outbox'))).toEqual([]);
  expect(await markers()).toBe(0);
});

it('announces a post only once, even ten minutes later', async () => {
  const received = await subscribeAndConnect('once');
  const answer = await cloud.post({ ...examplePost, topic: 'once' });
  expect(await answer.text()).not.toContain('outbox');
  // API Gateway closes the idle connection after ten minutes.
  await cloud.pass(9.5 * MINUTE);
  const { messages } = await received();
  await cloud.pass(MINUTE);
  expect(messages).toHaveLength(1);
  expect((await received()).mails).toHaveLength(1);
  expect(await markers()).toBe(0);
  expect(log.errors).toEqual([]);
  expect(await cloud.deadLetters()).toBe(0);
});

it('loses no change if a put takes effect after its retry', async () => {
  const received = await subscribeAndConnect('late');
  const late = { service: 'dynamodb', operation: 'PutItem', fault: 'delay', ms: 2 * MINUTE, times: 1 };
  cloud.faults.add(Fault.parse({ function: 'create-post', ...late }));
  const answer = cloud.post({ ...examplePost, topic: 'late' });
  await eventually(() => expect(log.warnings).toHaveLength(1));
  await cloud.pass(MINUTE);
  expect((await answer).status).toBe(201);
  const [enriched] = await postsOf('late');
  expect(enriched).toHaveProperty('entities');

  await cloud.pass(5 * MINUTE);
  expect(await postsOf('late')).toEqual([enriched]);
  const { mails, messages } = await received();
  expect(mails).toHaveLength(1);
  expect(messages).toHaveLength(1);
});

it('mails a post twice and pushes it once if create-post crashes before it removes the marker', async () => {
  const received = await subscribeAndConnect('twice');
  cloud.faults.add(Fault.parse({ ...crash, operation: 'UpdateItem', when: 'before' }));
  expect((await cloud.post({ ...examplePost, topic: 'twice' })).status).toBe(502);
  await cloud.pass(5 * MINUTE);
  const { mails, messages } = await received();
  expect(mails).toHaveLength(2);
  expect(messages).toHaveLength(1);
  expect(await markers()).toBe(0);
});

it('announces a post after an outage of the bus, which is reported in the queue of the relay', async () => {
  const received = await subscribeAndConnect('outage');
  cloud.faults.add(Fault.parse({ service: 'events', operation: 'PutEvents', fault: 'error' }));
  expect((await cloud.post({ ...examplePost, topic: 'outage' })).status).toBe(201);
  await cloud.pass(7 * MINUTE);
  expect(await markers()).toBe(1);
  const waiting = (await cloud.queues()).filter(({ messages }) => messages.length > 0);
  expect(waiting.map(({ queue }) => queue)).toEqual([expect.stringContaining('RelayAnnouncementsFailures')]);
  cloud.faults.clear();
  await cloud.pass(2 * MINUTE);
  const { mails, messages } = await received();
  expect(mails).toHaveLength(1);
  expect(messages).toHaveLength(1);
  expect(await markers()).toBe(0);
});

/**
 * Puts posts as if `create-post` had crashed after saving them two minutes ago. Returns their IDs,
 * in order.
 */
async function leaveBehind(count: number, topic: string): Promise<string[]> {
  const createdAt = new Date(cloud.clock.now() - 2 * MINUTE).toISOString();
  const ids = Array.from({ length: count }, () => uuidv7()).sort();
  for (let first = 0; first < ids.length; first += 25) {
    const requests = ids.slice(first, first + 25).map((id) => ({
      PutRequest: {
        Item: {
          id: { S: id },
          createdAt: { S: createdAt },
          ...Object.fromEntries(
            Object.entries({ ...examplePost, topic }).map(([name, value]) => [name, { S: value }]),
          ),
          revision: { N: '1' },
          outboxShard: { S: String(Number.parseInt(id.slice(-1), 16)) },
          outboxSince: { S: `${createdAt}#${id}` },
          outboxUrl: { S: `${cloud.url}/posts/${id}` },
        },
      },
    }));
    const table = cloud.outputs.PostsTableName ?? '';
    await cloud.dynamoDb('BatchWriteItem', { RequestItems: { [table]: requests } });
  }
  expect(await markers()).toBe(count);
  return ids;
}

it('announces each of 100 posts once, in several runs', async () => {
  const ids = await leaveBehind(100, 'many');
  // The target does not exist, so its events go to its dead-letter queue, where they are counted.
  const gone = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };
  cloud.faults.add(Fault.parse({ hop: 'blogPostCreation → recognize-entities', ...gone }));
  await cloud.pass(MINUTE);
  expect(await markers()).toBeGreaterThan(0);
  await cloud.pass(4 * MINUTE);
  expect(await markers()).toBe(0);
  const undelivered = (await cloud.queues()).find(({ queue }) =>
    queue.includes('RecognizeEntitiesUndelivered'),
  );
  const announced = undelivered?.messages.map(({ body }) => JSON.parse(body).detail.post.id).sort();
  expect(announced).toEqual(ids);
});

it('mails every post, while authors write as fast as they can during and after an outage', async () => {
  const received = await subscribeAndConnect('behind');
  const SECOND = 1_000;
  let posts = 0;
  const write = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      const written = Array.from({ length: 4 }, () => cloud.post({ ...examplePost, topic: 'behind' }));
      const statuses = (await Promise.all(written)).map(({ status }) => status).sort();
      expect(statuses).toEqual([201, 201, 201, 429]);
      posts += 3;
      await cloud.pass(SECOND);
    }
  };
  cloud.faults.add(Fault.parse({ service: 'events', operation: 'PutEvents', fault: 'error' }));
  await write(70);
  cloud.faults.clear();
  // Until the relay runs.
  await cloud.pass(40 * SECOND);
  await write(25);
  await cloud.pass(10 * MINUTE);
  expect(await markers()).toBe(0);
  expect((await received()).mails).toHaveLength(posts);
  expect(log.errors.filter((line) => /LOST|SUSPENDED/.test(line))).toEqual([]);
});
