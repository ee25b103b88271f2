import { GetCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { exampleEnrichedPost as post } from '../../contracts/examples.ts';
import { handler } from '../../lambdas/get-post.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { tombstone } from '../../model/tombstone.ts';
import { mockTables } from './table-mock.ts';

process.env[POSTS_TABLE] = 'posts';
const table = mockTables();
const logged = jest.spyOn(logger, 'error').mockImplementation();

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
};

beforeEach(() => {
  logged.mockClear();
  table.reset();
  table.on(GetCommand).resolves({
    Item: {
      ...post,
      ...feedKeys(post),
      revision: 2,
      updatedAt: '2026-01-31T09:30:01.000Z',
      outboxShard: '7',
    },
  });
});

const get = (id: string, headers: Record<string, string> = {}) =>
  handler({ pathParameters: { id }, headers: { Host: 'api.example.com', ...headers }, body: null });

test('returns the post as readers see it, with its revision as the ETag, to be revalidated', async () => {
  expect(await get(post.id)).toEqual({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', ...cors, ETag: '"2"', 'Cache-Control': 'no-cache' },
    body: JSON.stringify({
      id: post.id,
      createdAt: post.createdAt,
      author: post.author,
      title: post.title,
      body: post.body,
      topic: post.topic,
      entities: post.entities,
    }),
  });
  expect(table.commandCalls(GetCommand).map(({ args }) => args[0].input)).toEqual([
    { TableName: 'posts', Key: { id: post.id }, ConsistentRead: true },
  ]);
});

test('accepts an id in upper case', async () => {
  expect((await get(post.id.toUpperCase())).statusCode).toBe(200);
  expect(table.commandCalls(GetCommand)[0]?.args[0].input.Key).toEqual({ id: post.id });
});

describe('If-None-Match', () => {
  test.each(['"2"', 'W/"2"', '"1", "2"', '"1",W/"2" , "3"', '*', ' * ', '"a,b", "2"'])(
    '%s returns 304 with the ETag and no body',
    async (tags) => {
      expect(await get(post.id, { 'if-None-match': tags })).toEqual({
        statusCode: 304,
        headers: { ...cors, ETag: '"2"', 'Cache-Control': 'no-cache' },
        body: '',
      });
    },
  );

  test.each(['"1"', '2', '', '"2', '"22"', 'w/"2"', '"1", *', '"\\"2\\""'])(
    '%s returns the post',
    async (tags) => {
      expect((await get(post.id, { 'If-None-Match': tags })).statusCode).toBe(200);
    },
  );

  test('matches each tag between the commas on its own', async () => {
    const tag = fc.stringMatching(/^(W\/)?"[!#-+\--~]{0,3}"$/);
    await fc.assert(
      fc.asyncProperty(fc.array(tag), async (tags) => {
        const has = tags.some((each) => each.endsWith('"2"') && each.replace('W/', '') === '"2"');
        const { statusCode } = await get(post.id, { 'If-None-Match': tags.join(', ') });
        expect(statusCode).toBe(has ? 304 : 200);
      }),
    );
  });
});

test.each([
  ['does not exist', undefined],
  ['was removed', tombstone({ ...post, revision: 2 }, 'removal', new Date())],
])('returns a 404 that must not be cached if the post %s', async (_, Item) => {
  table.on(GetCommand).resolves({ Item });
  expect(await get(post.id)).toEqual({
    statusCode: 404,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...cors },
    body: '{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such post."}',
  });
});

test.each(['1', 'undefined', `${post.id}0`, '%20', '__proto__', 'posts'])(
  'returns 404 for %s, which is not an id, without reading the table',
  async (id) => {
    expect((await get(id)).statusCode).toBe(404);
    expect(table.calls()).toHaveLength(0);
  },
);

test('returns 503 with Retry-After if the table cannot be read, and logs the error', async () => {
  const error = new Error('throttled by table posts');
  table.on(GetCommand).rejects(error);
  const { statusCode, headers, body } = await get(post.id);
  expect(statusCode).toBe(503);
  expect(headers).toMatchObject({ 'Retry-After': '1', ...cors });
  expect(JSON.parse(body).detail).toBe('The post could not be read. Please try again.');
  expect(logged).toHaveBeenCalledWith('The post could not be read.', { error });
});

test('returns 500 without details if the stored item is not a post, and logs it', async () => {
  table.on(GetCommand).resolves({ Item: { id: post.id, secret: 'posts' } });
  const { statusCode, body } = await get(post.id);
  expect(statusCode).toBe(500);
  expect(body).not.toContain('secret');
  expect(logged).toHaveBeenCalledWith('The request failed unexpectedly.', { error: expect.any(Error) });
});

test('returns 500 for an event of another kind', async () => {
  expect((await handler({ source: 'blog' })).statusCode).toBe(500);
});
