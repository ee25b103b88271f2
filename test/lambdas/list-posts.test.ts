import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { handler } from '../../lambdas/list-posts.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { type Post, PostPage } from '../../model/post.ts';
import { tombstone } from '../../model/tombstone.ts';
import {
  batchGet,
  capacity,
  idOf,
  post,
  query,
  resetStored,
  save,
  saveMany,
  start,
  stored,
} from './posts/stored-posts.ts';
import { mockTables } from './table-mock.ts';

jest.mock('node:timers/promises', () => ({ setTimeout: async () => {} }));

process.env[POSTS_TABLE] = 'posts';
const table = mockTables();
const logged = jest.spyOn(logger, 'error').mockImplementation();
const warned = jest.spyOn(logger, 'warn').mockImplementation();

beforeEach(() => {
  logged.mockClear();
  warned.mockClear();
  resetStored();
  table.reset();
  table.on(QueryCommand).callsFake(query);
  table.on(BatchGetCommand).callsFake(batchGet);
});

const list = (parameters: Record<string, string> | null) =>
  handler({ queryStringParameters: parameters, requestContext: { requestId: 'request' } });

async function page(parameters: Record<string, string> | null) {
  const { statusCode, body } = await list(parameters);
  expect(statusCode).toBe(200);
  return PostPage.parse(JSON.parse(body));
}

/** Follows the cursors to the end and returns the pages. */
async function follow(parameters: Record<string, string>): Promise<Post[][]> {
  const pages: Post[][] = [];
  let cursor: string | undefined;
  do {
    const next = await page({ ...parameters, ...(cursor !== undefined && { cursor }) });
    pages.push(next.posts);
    cursor = next.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

describe('a page', () => {
  test('has the 20 newest posts as they are stored now, and the cursor of the next page', async () => {
    saveMany(45);
    const enriched = { ...post(44), entities: { locations: ['Spain'], persons: ['Joe'] } };
    stored.set(idOf(44), { ...stored.get(idOf(44)), ...enriched, revision: 2, updatedAt: 'x' });
    const answer = await list(null);
    expect(answer.headers).toEqual({
      'Content-Type': 'application/json',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
      'Cache-Control': 'no-cache',
    });
    const { posts, nextCursor, ...rest } = JSON.parse(answer.body);
    expect(posts).toEqual([enriched, ...Array.from({ length: 19 }, (_, index) => post(43 - index))]);
    expect(nextCursor).toMatch(/^[\w-]+$/);
    expect(rest).toEqual({});
  });

  test('queries the index of its feed shard by shard, and reads the posts consistently', async () => {
    saveMany(2);
    await page({ topic: ' Summer', limit: '7' });
    const queries = table.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(queries).toEqual(
      [0, 1, 2, 3].map((shard) => ({
        TableName: 'posts',
        IndexName: 'byTopic',
        KeyConditionExpression: 'topicShard = :partition AND feedPosition < :before',
        ExpressionAttributeValues: { ':partition': `summer#${shard}`, ':before': '~' },
        ScanIndexForward: false,
        Limit: 8,
      })),
    );
    expect(table.commandCalls(BatchGetCommand).map(({ args }) => args[0].input)).toEqual([
      { RequestItems: { posts: { Keys: [{ id: idOf(1) }, { id: idOf(0) }], ConsistentRead: true } } },
    ]);
  });

  test('may be empty', async () => {
    expect(await page({ author: 'nobody' })).toEqual({ posts: [] });
    expect(table.commandCalls(BatchGetCommand)).toHaveLength(0);
  });

  test.each([
    ['a topic, in any case and form', { topic: 'CAFE\u0301' }, 'café'],
    ['an author', { author: ' bob ' }, 'bob'],
    ['a name with # in it', { topic: 'a#1' }, 'a#1'],
  ])('has the posts of %s', async (_, parameters, name) => {
    for (const [index, each] of ['café', 'a', 'a#1', 'bob', 'Bob'].entries())
      save(post(index, { topic: each, author: each }));
    const { posts } = await page(parameters);
    expect(posts.map(({ topic }) => topic)).toEqual([name]);
  });

  test('ignores unknown parameters', async () => {
    saveMany(1);
    expect((await page({ sort: 'oldest', constructor: '1' })).posts).toHaveLength(1);
  });

  test('leaves out a post that was deleted after the index was read, and continues after it', async () => {
    saveMany(4);
    table.on(BatchGetCommand).callsFake((input) => {
      stored.delete(idOf(2));
      return batchGet(input);
    });
    const pages = await follow({ limit: '2' });
    expect(pages.map((posts) => posts.map(({ id }) => id))).toEqual([[idOf(3)], [idOf(1), idOf(0)]]);
  });

  test('leaves out a post that was removed after the index was read, and logs nothing', async () => {
    saveMany(3);
    stored.set(idOf(1), tombstone({ ...post(1), revision: 2 }, 'removal', new Date()));
    expect((await page(null)).posts.map(({ id }) => id)).toEqual([idOf(2), idOf(0)]);
    expect(logged).not.toHaveBeenCalled();
  });

  test('leaves out a stored item that is not a post, and logs it', async () => {
    saveMany(3);
    stored.set(idOf(1), { id: idOf(1), ...feedKeys(post(1)) });
    expect((await page(null)).posts.map(({ id }) => id)).toEqual([idOf(2), idOf(0)]);
    expect(logged).toHaveBeenCalledWith('A stored post cannot be read and is omitted from the page.', {
      error: expect.objectContaining({
        message: 'The stored post is invalid at /createdAt, /author, /title, /body, /topic.',
      }),
      correlation_id: idOf(1),
    });
  });

  test.each([
    ['of many bytes', 'é'.repeat(49_900)],
    ['of text that is escaped twice', '"'.repeat(49_900)],
  ])('ends before an answer with posts %s exceeds what Lambda allows', async (_, body) => {
    for (let index = 0; index < 100; index++) save(post(index, { body }));
    const { body: first } = await list({ limit: '100' });
    const { posts } = PostPage.parse(JSON.parse(first));
    const bytes = Buffer.byteLength(JSON.stringify({ statusCode: 200, body: first }));
    expect(bytes).toBeLessThan(6_000_000);
    expect(bytes).toBeGreaterThan(3_500_000);
    expect(posts.length).toBeLessThan(100);
    const ids = (await follow({ limit: '100' })).flat().map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => idOf(99 - index)));
  });
});

describe('page after page', () => {
  const aPost = fc.record({
    id: fc.uuid({ version: [5, 7] }),
    // Few values, so that many posts share one.
    createdAt: fc.integer({ min: 0, max: 5 }).map((ms) => new Date(start + ms).toISOString()),
    topic: fc.constantFrom('summer', 'winter', 'a#1'),
    author: fc.constantFrom('bob', 'Bob'),
  });
  const posts = fc.uniqueArray(aPost, { selector: ({ id }) => id, maxLength: 60 });
  const filter = fc.constantFrom({}, { topic: 'summer' }, { topic: 'a#1' }, { author: 'bob' });

  test('returns each post once, in order, while new posts are saved', async () => {
    await fc.assert(
      fc.asyncProperty(
        posts,
        filter,
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, parameters: { topic?: string; author?: string }, limits, atOnce) => {
          stored.clear();
          capacity.indexPage = atOnce;
          for (const each of all) save({ ...post(0), ...each });
          const position = ({ createdAt, id }: Pick<Post, 'createdAt' | 'id'>) => createdAt + id;
          const expected = all
            .filter(({ topic }) => topic === (parameters.topic ?? topic))
            .filter(({ author }) => author === (parameters.author ?? author))
            .sort((one, other) => (position(one) < position(other) ? 1 : -1))
            .map(({ id }) => id);

          const found: string[] = [];
          let cursor: string | undefined;
          for (let request = 0; ; request++) {
            const limit = limits[request % limits.length] ?? 1;
            const next = await page({ ...parameters, limit: String(limit), ...(cursor && { cursor }) });
            expect(next.posts.length).toBeLessThanOrEqual(limit);
            found.push(...next.posts.map(({ id }) => id));
            cursor = next.nextCursor;
            if (cursor === undefined) break;
            expect(next.posts).toHaveLength(limit);
            save(post(1000 + request, parameters));
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the table', () => {
  const Unavailable = { statusCode: 503, headers: expect.objectContaining({ 'Retry-After': '1' }) };

  test.each([
    ['an index', (error: Error) => table.on(QueryCommand).rejects(error)],
    ['the posts', (error: Error) => table.on(BatchGetCommand).rejects(error)],
  ])('leads to a 503 if %s cannot be read, and the error is logged', async (_, fail) => {
    saveMany(1);
    const error = new Error('throttled by table posts');
    fail(error);
    const answer = await list(null);
    expect(answer).toMatchObject(Unavailable);
    expect(JSON.parse(answer.body).detail).toBe('The posts could not be read. Please try again.');
    expect(logged).toHaveBeenCalledWith('The posts could not be read.', { error });
  });

  test('is read again as long as it returns posts', async () => {
    saveMany(40);
    capacity.bytesAtOnce = 1;
    expect((await page({ limit: '100' })).posts).toHaveLength(40);
    expect(table.commandCalls(BatchGetCommand)).toHaveLength(40);
  });

  /** Returns a table that withholds one of the 4 posts 3 to 0. */
  const without = (index: number) => (input: BatchGetCommand['input']) => {
    const keys = input.RequestItems?.posts?.Keys?.filter(({ id }) => id !== idOf(index)) ?? [];
    const given = keys.length > 0 ? batchGet({ RequestItems: { posts: { Keys: keys } } }) : {};
    return { ...given, UnprocessedKeys: { posts: { Keys: [{ id: idOf(index) }] } } };
  };

  test('is read again after a call that returned no posts', async () => {
    saveMany(4);
    const withholding = without(3);
    table.on(BatchGetCommand).callsFakeOnce(withholding).callsFakeOnce(withholding).callsFake(batchGet);
    expect((await page(null)).posts).toHaveLength(4);
    expect(table.commandCalls(BatchGetCommand)).toHaveLength(3);
  });

  test.each([
    ['does not return it', without(1), 3],
    ['fails', jest.fn().mockImplementationOnce(without(1)).mockRejectedValue(new Error('throttled')), 2],
  ])('ends the page before a withheld post if it still %s', async (_, fake, calls) => {
    saveMany(4);
    table.on(BatchGetCommand).callsFake(fake);
    const { posts, nextCursor = '' } = await page(null);
    expect(posts.map(({ id }) => id)).toEqual([idOf(3), idOf(2)]);
    expect(table.commandCalls(BatchGetCommand)).toHaveLength(calls);
    expect(warned).toHaveBeenCalledWith('The page ends early.', { error: expect.any(Error) });

    table.on(BatchGetCommand).callsFake(batchGet);
    const { posts: rest } = await page({ cursor: nextCursor });
    expect(rest.map(({ id }) => id)).toEqual([idOf(1), idOf(0)]);
  });

  test('leads to a 503 if it does not return the first post, and the error is logged', async () => {
    saveMany(4);
    table.on(BatchGetCommand).callsFake(without(3));
    expect(await list(null)).toMatchObject(Unavailable);
    expect(logged).toHaveBeenCalledWith('The posts could not be read.', {
      error: new Error('The table did not return 1 of 4 posts.'),
    });
  });

  test('leads to a 500 if an entry of the index is malformed, since a retry would fail too', async () => {
    saveMany(1);
    table.on(QueryCommand).resolves({ Items: [{ id: idOf(0) }] });
    expect(await list(null)).toMatchObject({ statusCode: 500 });
  });
});

test('logs carry the id of the request', async () => {
  const correlate = jest.spyOn(logger, 'setCorrelationId');
  await page(null);
  expect(correlate).toHaveBeenCalledWith('request');
});
