import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { handler as createPost } from '../../lambdas/create-post.ts';
import { BLOG_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE, POSTS_URL } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/relay-announcements.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { measured } from './measured.ts';
import { mockTables } from './table-mock.ts';

/** Advances only by the pauses of the handler, and by the calls that a test makes slow. */
let time = 0;
jest.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    time += ms;
  },
}));

process.env[POSTS_TABLE] = 'posts';
process.env[POSTS_URL] = 'https://api.example.com/dev/posts';
process.env[BLOG_BUS] = 'blog-bus';

const table = mockTables();
const eventBridge = mockClient(EventBridgeClient);
const failed = jest.spyOn(logger, 'error').mockImplementation();
const warned = jest.spyOn(logger, 'warn').mockImplementation();
const told = jest.spyOn(logger, 'info').mockImplementation();

/** The items of the Posts table by ID. */
const stored = new Map<string, Record<string, unknown>>();

beforeEach(() => {
  table.reset();
  eventBridge.reset();
  stored.clear();
  for (const log of [failed, warned, told]) log.mockClear();
  table.on(GetCommand).callsFake(({ Key }) => ({ Item: stored.get(Key.id) }));
  table.on(ScanCommand).callsFake(() => ({ Items: [...stored.keys()].map((id) => ({ id })) }));
  eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
});

const minute = { getRemainingTimeInMillis: () => 50_000 };
const run = (context = minute) => handler({ 'detail-type': 'Scheduled Event' }, context);

/** Saves a post by `create-post` as if it crashed before the announcement. Returns the lost event. */
async function unannounced(title: string): Promise<unknown> {
  const { body } = await createPost({
    body: JSON.stringify({ author: 'a', title, body: 'Joe is "here"\n', topic: 'Sommer', language: 'de' }),
    headers: {},
    requestContext: { path: '/dev/posts', requestId: `request of ${title}` },
  });
  const item = table.commandCalls(PutCommand).at(-1)?.args[0].input.Item ?? {};
  stored.set(JSON.parse(body).id, item);
  const event = eventBridge.commandCalls(PutEventsCommand).at(-1)?.args[0].input;
  eventBridge.resetHistory();
  table.resetHistory();
  return event;
}

const events = () => eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input);
const cleared = () => table.commandCalls(UpdateCommand).map(({ args }) => args[0].input.Key?.id);

test('makes one call and logs nothing if there is nothing to announce', async () => {
  await run();
  expect(table.calls()).toHaveLength(1);
  expect(told).not.toHaveBeenCalled();
});

test('reads the index page by page for markers that are older than a minute', async () => {
  table
    .on(ScanCommand)
    .resolvesOnce({ Items: [], LastEvaluatedKey: { id: '1' } })
    .resolves({ Items: [] });
  const before = new Date(Date.now() - 60_000).toISOString();
  await run();
  const [first, second] = table.commandCalls(ScanCommand).map(({ args }) => args[0].input);
  expect(first).toMatchObject({
    TableName: 'posts',
    IndexName: 'outbox',
    FilterExpression: 'outboxSince < :before',
    Limit: 100,
  });
  const limit = first?.ExpressionAttributeValues?.[':before'];
  expect(limit >= before && limit <= new Date(Date.now() - 60_000).toISOString()).toBe(true);
  expect(second).toMatchObject({ ExclusiveStartKey: { id: '1' }, Limit: 100 });
});

test('puts exactly the event that was lost, then removes the marker', async () => {
  const lost = await unannounced('one');
  await run();
  expect(events()).toEqual([lost]);
  expect(cleared()).toEqual([...stored.keys()]);
  expect(table.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
});

test('measures each event that is put, even if the marker cannot be removed', async () => {
  await unannounced('one');
  table.on(UpdateCommand).rejects(new Error('throttled'));
  await expect(run()).rejects.toThrow();
  // The first is that of create-post.
  expect(measured().PostsAnnounced).toEqual([1, 1]);
});

test('puts the same event for a post that is enriched already', async () => {
  const lost = await unannounced('one');
  const [[id, item] = ['']] = stored;
  stored.set(id, { ...item, revision: 2, entities: { locations: [], persons: [] }, updatedAt: 'now' });
  await run();
  expect(events()).toEqual([lost]);
});

test('skips a post that was announced or deleted since the index was read', async () => {
  await unannounced('one');
  const [[id, item] = ['']] = stored;
  stored.set(id, { ...item, outboxShard: undefined });
  table.on(ScanCommand).resolves({ Items: [{ id }, { id: 'deleted' }] });
  await run();
  expect(events()).toEqual([]);
  expect(cleared()).toEqual([]);
});

test('accepts that another run has removed the marker meanwhile', async () => {
  await unannounced('one');
  table.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '' }));
  await run();
  expect(failed).not.toHaveBeenCalled();
});

test('continues after a post that fails, and fails at the end of the run', async () => {
  await unannounced('one');
  await unannounced('two');
  await unannounced('three');
  stored.set('broken', { outboxShard: '0', outboxSince: 's', outboxUrl: 'u' });
  const [first] = stored.keys();
  eventBridge
    .on(PutEventsCommand)
    .callsFake(({ Entries: [{ Detail }] }) =>
      Detail.includes(first)
        ? { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }
        : { FailedEntryCount: 0, Entries: [{ EventId: '1' }] },
    );
  await expect(run()).rejects.toThrow('The run for 4 posts had 2 failures.');
  expect(cleared()).toEqual([...stored.keys()].slice(1, 3));
  for (const id of [first, 'broken'])
    expect(failed).toHaveBeenCalledWith('The post could not be announced.', {
      error: expect.any(Error),
      correlation_id: id,
    });
});

test('ends the run if a marker cannot be removed, since every event would be repeated', async () => {
  await unannounced('one');
  await unannounced('two');
  table.on(UpdateCommand).rejects(new Error('throttled'));
  await expect(run()).rejects.toThrow('The run for 1 posts had 1 failures.');
});

test('fails if a page of the index cannot be read, after finishing the posts in progress', async () => {
  await unannounced('one');
  table
    .on(ScanCommand)
    .resolvesOnce({ Items: [...stored.keys()].map((id) => ({ id })), LastEvaluatedKey: { id: '1' } })
    .rejects(new Error('throttled'));
  await expect(run()).rejects.toThrow('The run for 1 posts had 1 failures.');
  expect(cleared()).toEqual([...stored.keys()]);
});

test('starts no post with less than 11 s left, and logs that the next run continues', async () => {
  for (let post = 0; post < 40; post++) await unannounced(`${post}`);
  let left = 50_000;
  const passing = { getRemainingTimeInMillis: () => (left -= 2_000) };
  await run(passing);
  expect(events()).toHaveLength(19);
  expect(warned).toHaveBeenCalledWith('The time is up. The next run continues.');
});

test('reads no page with less than 11 s left, even if the pages before were empty', async () => {
  let left = 50_000;
  let pages = 0;
  table.on(ScanCommand).callsFake(() => {
    left -= 9_000;
    pages += 1;
    return { Items: [], ...(pages < 10 && { LastEvaluatedKey: { id: '1' } }) };
  });
  await run({ getRemainingTimeInMillis: () => left });
  expect(pages).toBe(5);
  expect(warned).toHaveBeenCalledWith('The time is up. The next run continues.');
});

test('logs nothing about the next run if only the last page was late', async () => {
  await run({ getRemainingTimeInMillis: () => 10_000 });
  expect(warned).not.toHaveBeenCalled();
});

test('announces at most one post in any second, however long a call takes', async () => {
  for (let post = 0; post < 10; post++) await unannounced(`${post}`);
  const put: number[] = [];
  eventBridge.on(PutEventsCommand).callsFake(() => {
    // Every other event takes effect late, and each third one is refused.
    if (put.length % 2 === 0) time += 5_000;
    put.push(time);
    return put.length % 3 === 0
      ? { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }
      : { FailedEntryCount: 0, Entries: [{ EventId: '1' }] };
  });
  await expect(run()).rejects.toThrow('3 failures');
  expect(put).toHaveLength(10);
  for (const [index, at] of put.slice(1).entries())
    expect(at - (put[index] ?? at)).toBeGreaterThanOrEqual(1000);
});

test('does not pause for posts that need no announcement', async () => {
  table.on(ScanCommand).resolves({ Items: [{ id: 'deleted' }, { id: 'deleted too' }] });
  const before = time;
  await run();
  expect(time).toBe(before);
});
