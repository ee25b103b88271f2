import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { handler } from '../../lambdas/create-post.ts';
import { BLOG_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE, POSTS_URL } from '../../lambdas/posts/environment.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { BlogPostCreated } from '../../model/events.ts';
import { Post } from '../../model/post.ts';
import { Problem } from '../../model/problem.ts';
import { fuzzParameters } from '../fuzz-parameters.ts';
import { attackingBody, postIn } from './attacking-body.ts';
import { mockTables } from './table-mock.ts';

process.env[POSTS_TABLE] = 'posts';
process.env[POSTS_URL] = 'https://api.example.com/dev/posts';
process.env[BLOG_BUS] = 'blog-bus';

const REQUESTS = 10_000;

/** The attributes of a stored item that the server adds. */
const SERVERS_OWN = /^(id|createdAt|revision|outbox\w+|feed\w+|\w+Shard)$/;

const logged = jest.spyOn(logger, 'error').mockImplementation();
jest.spyOn(logger, 'info').mockImplementation();

/** The stored items by ID, as DynamoDB returns them: it stores text as UTF-8. */
const items = new Map<unknown, Record<string, unknown>>();
mockTables()
  .on(PutCommand)
  .callsFake(({ Item, ConditionExpression }) => {
    const present = items.get(Item.id);
    if (ConditionExpression && present)
      throw new ConditionalCheckFailedException({ message: '', $metadata: {}, Item: marshall(present) });
    const values = Object.entries(unmarshall(marshall(Item))).map(([name, value]): [string, unknown] => [
      name,
      typeof value === 'string' ? Buffer.from(value).toString() : value,
    ]);
    items.set(Item.id, Object.fromEntries(values));
  });

const announced: unknown[] = [];
mockClient(EventBridgeClient)
  .on(PutEventsCommand)
  .callsFake(({ Entries: [{ Detail }] }) => {
    announced.push(BlogPostCreated.parse(JSON.parse(Detail)).post);
    return { FailedEntryCount: 0, Entries: [{ EventId: '1' }] };
  });

const headerName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'Content-Type',
    'HOST',
    'x-forwarded-proto',
    'Cookie',
  ),
  fc.string({ minLength: 1 }),
);

const request = fc.record({
  body: attackingBody,
  contentType: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/json; charset=utf-16',
    'image/png',
  ),
  headers: fc.array(fc.tuple(headerName, fc.string({ unit: 'binary' })), { maxLength: 3 }),
  key: fc.option(
    fc.tuple(
      fc.constantFrom('Idempotency-Key', 'idempotency-key', 'IDEMPOTENCY-KEY'),
      fc.oneof(
        fc.constantFrom(
          'again',
          '',
          ' ',
          'a b',
          'é',
          '\u0000',
          '__proto__',
          'x'.repeat(255),
          'x'.repeat(256),
        ),
        fc.string({ unit: 'binary', maxLength: 260 }),
        fc.stringMatching(/^[!-~]{1,40}$/),
      ),
    ),
    { freq: 2, nil: undefined },
  ),
});

test(`${REQUESTS} attacking requests return 201 or 4xx, and a stored post equals the post that was sent`, async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ body, contentType, headers, key }) => {
      const [itemsBefore, announcedBefore] = [items.size, announced.length];
      const event = {
        resource: '/posts',
        body: body.length === 0 ? null : body.toString('utf8'),
        headers: Object.fromEntries([...headers, ['Content-Type', contentType], ...(key ? [key] : [])]),
        requestContext: { path: '/dev/posts' },
      };
      const answer = await handler(event);
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      const isKeyValid = key === undefined || /^[!-~]{1,255}$/.test(key[1]);
      const sent = isKeyValid ? postIn(body) : undefined;
      const isNew = items.size > itemsBefore;
      const found = {
        cors: answer.headers['Access-Control-Allow-Origin'],
        type: answer.headers['Content-Type'],
      };
      // One comparison per request: further ones would take longer than the rest of the test.
      if (answer.statusCode === 201) {
        const saved = Post.parse(JSON.parse(answer.body));
        const item = Object.entries(items.get(saved.id) ?? {});
        const authored = Object.fromEntries(item.filter(([name]) => !SERVERS_OWN.test(name)));
        const replayed = key ? (await handler(event)).body : answer.body;
        const events = announced.slice(announcedBefore);
        expect({ ...found, saved, authored, replayed, events, isNew: isNew || key !== undefined }).toEqual({
          cors: '*',
          type: 'application/json',
          saved: { ...sent, id: saved.id, createdAt: saved.createdAt },
          authored: sent,
          replayed: answer.body,
          events: isNew ? [saved] : [],
          isNew: true,
        });
      } else {
        const { status } = Problem.parse(JSON.parse(answer.body));
        expect({ ...found, status, isNew, isDeserved: sent === undefined || status === 422 }).toEqual({
          cors: '*',
          type: 'application/problem+json',
          status: answer.statusCode,
          isNew: false,
          isDeserved: true,
        });
      }
    }),
    fuzzParameters(REQUESTS),
  );
  expect([...statuses.keys()].sort()).toEqual([201, 400, 413, 422]);
  expect(announced).toHaveLength(items.size);
  expect(logged).not.toHaveBeenCalled();
  // Both outcomes are frequent.
  expect(statuses.get(201)).toBeGreaterThan(REQUESTS / 10);
  expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 10);
}, 30_000);
