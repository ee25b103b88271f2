import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { handler } from '../../lambdas/list-posts.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { PostPage } from '../../model/post.ts';
import { Problem } from '../../model/problem.ts';
import { batchGet, query, resetStored, saveMany } from './posts/stored-posts.ts';
import { mockTables } from './table-mock.ts';

process.env[POSTS_TABLE] = 'posts';
const table = mockTables();

beforeEach(() => {
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

/** Returns the errors of a refused request by path. */
async function refusal(parameters: Record<string, string>): Promise<Record<string, string>> {
  const { statusCode, headers, body } = await list(parameters);
  expect(statusCode).toBe(400);
  expect(headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  expect(table.calls()).toHaveLength(0);
  const { errors = [] } = Problem.parse(JSON.parse(body));
  return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
}

describe('a request is refused', () => {
  const wrongCursor = 'must be the nextCursor of a response to the same query';
  const cursorOf = async (parameters: Record<string, string>) => {
    saveMany(3);
    const { nextCursor = '' } = await page({ ...parameters, limit: '1' });
    table.resetHistory();
    return nextCursor;
  };

  test('for a topic and an author', async () => {
    expect(await refusal({ topic: 'summer', author: 'bob' })).toEqual({
      '/author': 'must not be given together with topic',
    });
  });

  test.each(['0', '101', '-1', '1.5', '1e1', '', ' 1', '020', 'all', '٣'])(
    'for the limit %j',
    async (limit) => {
      expect(await refusal({ limit })).toEqual({ '/limit': 'must be a whole number from 1 to 100' });
    },
  );

  test('for names that are not valid in a post', async () => {
    expect(await refusal({ topic: ' ' })).toEqual({ '/topic': 'must not be empty' });
    expect(await refusal({ author: 'a'.repeat(101) })).toEqual({
      '/author': 'must be at most 100 characters',
    });
  });

  test('with all of its errors', async () => {
    expect(await refusal({ topic: '', author: '\u0007', limit: 'x', cursor: 'x' })).toEqual({
      '/topic': 'must not be empty',
      '/author': expect.any(String),
      '/limit': 'must be a whole number from 1 to 100',
      '/cursor': wrongCursor,
    });
  });

  test.each([
    ['another topic', { topic: 'summer' }, { topic: 'winter' }],
    ['all posts', { topic: 'summer' }, {}],
    ['a topic', {}, { topic: 'summer' }],
    ['an author of that name', { topic: 'summer' }, { author: 'summer' }],
  ])('for a cursor of another query than for %s', async (_, query, other) => {
    const cursor = await cursorOf({ ...query });
    expect(await refusal({ ...other, cursor })).toEqual({ '/cursor': wrongCursor });
  });

  test('for a cursor of another table', async () => {
    const cursor = await cursorOf({});
    process.env[POSTS_TABLE] = 'others';
    try {
      expect(await refusal({ cursor })).toEqual({ '/cursor': wrongCursor });
    } finally {
      process.env[POSTS_TABLE] = 'posts';
    }
  });

  test('for a forged or damaged cursor', async () => {
    const cursor = await cursorOf({});
    const damaged = fc
      .tuple(fc.nat(cursor.length - 1), fc.constantFrom(...'AZaz09-_=+ #'))
      .map(([at, character]) => cursor.slice(0, at) + character + cursor.slice(at + 1));
    const forged = fc
      .tuple(fc.date({ noInvalidDate: true }), fc.uuid(), fc.stringMatching(/^[\w-]{22}$/))
      .map(([date, id, seal]) => Buffer.from(`${date.toISOString()}#${id}#${seal}`).toString('base64url'));
    const cut = fc.nat(cursor.length - 1).map((end) => cursor.slice(0, end));
    const more = fc.string({ minLength: 1, maxLength: 3 }).map((end) => cursor + end);
    const anything = fc.oneof(damaged, forged, cut, more, fc.string(), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(
        anything.filter((text) => text !== cursor),
        async (text) => {
          expect(await refusal({ cursor: text })).toEqual({ '/cursor': wrongCursor });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('accepts another spelling of the topic on the next page', async () => {
    const cursor = await cursorOf({ topic: 'summer' });
    expect((await page({ topic: 'SUMMER ', cursor })).posts).toHaveLength(2);
  });
});
