import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { Environment } from '../../lambdas/environment.ts';
import { logger } from '../../lambdas/logger.ts';
import { handler } from '../../lambdas/manage-connections.ts';

process.env[Environment.connectionsTable] = 'connections';
process.env[Environment.postsTable] = 'posts';
process.env[Environment.webSocketBus] = 'bus';

const table = mockClient(DynamoDBDocumentClient);
const eventBridge = mockClient(EventBridgeClient);
jest.spyOn(logger, 'info').mockImplementation();
jest.spyOn(logger, 'error').mockImplementation();

const postId = '019c1234-5678-7abc-8def-0123456789ab';

const connectedAt = Date.parse('2026-01-31T09:30:00.123Z');

const event = (routeKey: string, more: object = {}) => ({
  requestContext: { routeKey, connectionId: 'c1=', connectedAt, stage: 'dev' },
  isBase64Encoded: false,
  ...more,
});

const connect = (queryStringParameters?: object | null) =>
  handler(event('$connect', { queryStringParameters }));

const announced = () =>
  eventBridge.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries);
const rows = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input);

beforeEach(() => {
  table.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});

describe('$connect', () => {
  test.each([
    ['nothing', undefined, ['all']],
    ['no parameters', null, ['all']],
    ['a parameter that nobody knows', { x: '1' }, ['all']],
    ['a topic', { topic: ' Summer' }, ['topic#summer']],
    ['a post', { postId: postId.toUpperCase() }, [`post#${postId}`]],
    ['both', { topic: 'summer', postId }, ['topic#summer', `post#${postId}`]],
  ])('with %s registers', async (_, parameters, channels) => {
    expect(await connect(parameters)).toEqual({ statusCode: 200 });
    expect(rows().map(({ Item }) => Item?.channel)).toEqual(channels);
  });

  test('writes rows that expire a little after the connection must have ended', async () => {
    await connect();
    expect(rows()).toEqual([
      {
        TableName: 'connections',
        Item: {
          channel: 'all',
          connectionId: 'c1=',
          connectedAt: '2026-01-31T09:30:00.123Z',
          expiresAt: Math.floor(connectedAt / 1000) + 7_500,
        },
      },
    ]);
  });

  test.each([
    ['an empty topic', { topic: ' ' }],
    ['a topic that is too long', { topic: 'x'.repeat(51) }],
    ['an id that is none', { postId: '42' }],
    ['one good, one bad', { topic: 'summer', postId: 'x' }],
  ])('is refused with %s', async (_, parameters) => {
    expect(await connect(parameters)).toEqual({ statusCode: 400 });
    expect(rows()).toEqual([]);
  });

  test('is refused when the row cannot be written', async () => {
    table.on(PutCommand).rejects(new Error('throttled'));
    await expect(connect({ postId })).rejects.toThrow('throttled');
    expect(announced()).toEqual([]);
  });

  test('of a client that watches a post is announced, once it is registered', async () => {
    eventBridge.on(PutEventsCommand).callsFake(() => {
      expect(rows()).toHaveLength(2);
      return { FailedEntryCount: 0 };
    });
    await connect({ postId, topic: 'summer' });
    expect(announced()).toEqual([
      {
        EventBusName: 'bus',
        Source: 'blog',
        DetailType: 'ConnectionOpened',
        Detail: JSON.stringify({ version: 1, connectionId: 'c1=', postId }),
      },
    ]);
  });

  test.each([[undefined], [{ topic: 'summer' }]])('of any other client is not: %j', async (parameters) => {
    await connect(parameters);
    expect(announced()).toEqual([]);
  });

  test('is refused when the event cannot be put', async () => {
    eventBridge.on(PutEventsCommand).rejects(new Error('throttled'));
    await expect(connect({ postId })).rejects.toThrow('throttled');
    const Entries = [{ ErrorCode: 'InternalFailure' }];
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    await expect(connect({ postId })).rejects.toThrow('InternalFailure');
  });

  test('is refused before a push gives up on it', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    await connect({ postId });
    expect(timeout.mock.calls).toEqual([[4_000]]);
    const abortSignal = timeout.mock.results[0]?.value;
    for (const { args } of [...table.calls(), ...eventBridge.calls()]) {
      const [, options]: unknown[] = [...args];
      expect(options).toEqual({ abortSignal });
    }
    timeout.mockRestore();
  });
});

test('$disconnect removes the connection from every channel', async () => {
  const keys = ['topic#summer', `post#${postId}`].map((channel) => ({ channel, connectionId: 'c1=' }));
  table.on(QueryCommand).resolves({ Items: keys });
  expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
  expect(table.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
    TableName: 'connections',
    IndexName: 'byConnection',
    ExpressionAttributeValues: { ':connectionId': 'c1=' },
  });
  expect(table.commandCalls(DeleteCommand).map(({ args }) => args[0].input)).toEqual(
    keys.map((Key) => ({ TableName: 'connections', Key })),
  );
});

describe('$default', () => {
  const send = async (body?: string) => {
    const answer = await handler(event('$default', { body }));
    expect(answer.statusCode).toBe(200);
    return JSON.parse(answer.body ?? '');
  };

  test('answers a ping', async () => {
    expect(await send('{"action":"ping"}')).toEqual({ type: 'pong' });
  });

  test.each([
    ['text', 'hello', 'The message is not JSON.'],
    ['nothing', undefined, 'The message is not JSON.'],
    [
      'another action',
      '{"action":"dance"}',
      'The message is not understood: action must be "ping" or "subscribe".',
    ],
    ['no action', '{}', 'The message is not understood: action must be "ping" or "subscribe".'],
    ['no object', '[]', 'The message is not understood: action must be "ping" or "subscribe".'],
    ['no post', '{"action":"subscribe"}', 'The message is not understood: postId must be a UUID.'],
    [
      'an id that is none',
      '{"action":"subscribe","postId":"42"}',
      'The message is not understood: postId must be a UUID.',
    ],
  ])('says what is wrong with %s', async (_, body, message) => {
    expect(await send(body)).toEqual({ type: 'error', message });
  });

  describe('on a subscription', () => {
    const subscribe = JSON.stringify({ action: 'subscribe', postId: postId.toUpperCase() });
    const post = {
      id: postId,
      createdAt: '2026-01-31T09:30:00.000Z',
      author: 'hunter s thompson',
      title: 'Title',
      body: 'Joe is going to Spain',
      topic: 'summer',
    };

    test('registers, then reads the post consistently, and answers with its state', async () => {
      table.on(GetCommand).callsFake((input) => {
        expect(input).toEqual({ TableName: 'posts', Key: { id: postId }, ConsistentRead: true });
        expect(rows()).toHaveLength(1);
        return { Item: { ...post, revision: 1, outboxShard: '7' } };
      });
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId, revision: 1, post });
      expect(rows()[0]?.Item).toEqual({
        channel: `post#${postId}`,
        connectionId: 'c1=',
        connectedAt: '2026-01-31T09:30:00.123Z',
        expiresAt: Math.floor(connectedAt / 1000) + 7_500,
      });
    });

    test('answers without a state while there is no post', async () => {
      table.on(GetCommand).resolves({});
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId });
    });

    test.each([
      ['registered', () => table.on(PutCommand).rejects(new Error('throttled'))],
      ['read', () => table.on(GetCommand).rejects(new Error('throttled'))],
    ])('says when it cannot be %s', async (_, fail) => {
      fail();
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: `The subscription to ${postId} failed. Please try again.`,
      });
    });
  });

  test('answers whatever is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
        expect(['error', 'pong']).toContain((await send(body)).type);
      }),
    );
  });
});

test('logs carry the id of the connection', async () => {
  await connect();
  expect(logger.getCorrelationId()).toBe('c1=');
});
