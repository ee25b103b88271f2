import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { handler } from '../../lambdas/manage-connections.ts';
import { Environment } from '../../lambdas/runtime/environment.ts';
import { logger } from '../../lambdas/runtime/logger.ts';

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
const puts = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input);
const updates = () => table.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const removed = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input);
const key = { channel: 'connection#c1=', connectionId: 'c1=' };
/** What every item of the connection has. */
const lasting = {
  connectionId: 'c1=',
  connectedAt: '2026-01-31T09:30:00.123Z',
  expiresAt: Math.floor(connectedAt / 1000) + 7_500,
};
const throttled = new Error('throttled');
const refused = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });

beforeEach(() => {
  table.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
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
    const [connection, ...memberships] = puts().map(({ Item }) => Item);
    expect(connection).toEqual({ ...key, ...lasting, channels: new Set(channels) });
    expect(memberships).toEqual(channels.map((channel) => ({ channel, ...lasting })));
  });

  test('writes no membership before the item that names it', async () => {
    table.on(PutCommand).rejectsOnce(throttled);
    await expect(connect({ topic: 'summer', postId })).rejects.toThrow('throttled');
    expect(puts().map(({ Item }) => Item?.channel)).toEqual(['connection#c1=']);
  });

  test.each([
    ['an empty topic', { topic: ' ' }],
    ['a topic that is too long', { topic: 'x'.repeat(51) }],
    ['an id that is none', { postId: '42' }],
    ['one good, one bad', { topic: 'summer', postId: 'x' }],
  ])('is refused with %s', async (_, parameters) => {
    expect(await connect(parameters)).toEqual({ statusCode: 400 });
    expect(puts()).toEqual([]);
  });

  test('is refused when a membership cannot be written', async () => {
    table.on(PutCommand).resolvesOnce({}).rejects(throttled);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    expect(announced()).toEqual([]);
  });

  test('leaves nothing when it is refused', async () => {
    eventBridge.on(PutEventsCommand).rejects(throttled);
    table.on(UpdateCommand).resolves({ Attributes: { channels: new Set([`post#${postId}`]) } });
    await expect(connect({ postId })).rejects.toThrow('throttled');
    const [ended, ...more] = updates();
    expect(ended).toMatchObject({ Key: key, UpdateExpression: 'SET ended = :true' });
    expect(more).toEqual([]);
    expect(removed().map(({ Key }) => Key)).toEqual([
      { channel: `post#${postId}`, connectionId: 'c1=' },
      key,
    ]);
  });

  test('removes what it has written only when no write of it is under way', async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    table
      .on(PutCommand)
      .resolvesOnce({})
      .rejectsOnce(throttled)
      .callsFakeOnce(() => slow);
    table.on(UpdateCommand).rejects(refused);
    const refusal = expect(connect({ topic: 'summer', postId })).rejects.toThrow('throttled');
    await new Promise((resolve) => setImmediate(resolve));
    expect(puts()).toHaveLength(3);
    expect(updates()).toEqual([]);
    finish();
    await refusal;
    expect(updates()).toHaveLength(1);
  });

  test('is refused for its own reason when what is left cannot be removed', async () => {
    eventBridge.on(PutEventsCommand).rejects(throttled);
    const error = new Error('hangs');
    table.on(UpdateCommand).rejects(error);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    expect(logger.error).toHaveBeenLastCalledWith('A connection that is refused could not be removed.', {
      error,
    });
  });

  test('of a client that watches a post is announced, once it is registered', async () => {
    eventBridge.on(PutEventsCommand).callsFake(() => {
      expect(puts()).toHaveLength(3);
      return { Entries: [{ EventId: '1' }] };
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
    eventBridge.on(PutEventsCommand).rejects(throttled);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    const Entries = [{ ErrorCode: 'InternalFailure' }];
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    await expect(connect({ postId })).rejects.toThrow('InternalFailure');
  });

  test('is refused before a push gives up on it', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    await connect({ postId });
    expect(timeout.mock.calls).toEqual([[4_000]]);
    expect([...table.calls(), ...eventBridge.calls()]).toHaveLength(3);
    const abortSignal = timeout.mock.results[0]?.value;
    for (const { args } of [...table.calls(), ...eventBridge.calls()]) {
      const [, options]: unknown[] = [...args];
      expect(options).toEqual({ abortSignal });
    }
    timeout.mockRestore();
  });
});

describe('$disconnect', () => {
  const channels = ['topic#summer', `post#${postId}`];
  beforeEach(() => {
    const Attributes = { ...key, ...lasting, channels: new Set(channels), ended: true };
    table.on(UpdateCommand).resolves({ Attributes });
  });

  test('ends all that the connection listens to, removes it from every channel, and at last its item', async () => {
    table.on(DeleteCommand).callsFake(() => expect(updates()).toHaveLength(1));
    expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(updates()).toEqual([
      {
        TableName: 'connections',
        Key: key,
        UpdateExpression: 'SET ended = :true',
        ConditionExpression: 'attribute_exists(connectionId)',
        ExpressionAttributeValues: { ':true': true },
        ReturnValues: 'ALL_NEW',
      },
    ]);
    expect(removed()).toEqual([
      ...channels.map((channel) => ({ TableName: 'connections', Key: { channel, connectionId: 'c1=' } })),
      { TableName: 'connections', Key: key },
    ]);
  });

  test('leaves the item to name what could not be removed', async () => {
    table.on(DeleteCommand).rejectsOnce(throttled);
    await expect(handler(event('$disconnect'))).rejects.toThrow('throttled');
    expect(removed().map(({ Key }) => Key)).not.toContainEqual(key);
  });

  test('removes the item of a connection that listens to nothing', async () => {
    table.on(UpdateCommand).resolves({ Attributes: { ...key, ...lasting, ended: true } });
    expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(removed().map(({ Key }) => Key)).toEqual([key]);
  });

  test('finds nothing to remove of a connection that is not registered', async () => {
    table.on(UpdateCommand).rejects(refused);
    expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(removed()).toEqual([]);
  });
});

describe('$default', () => {
  /** Has the item of the connection name these channels. */
  const named = (...channels: string[]) => {
    const item = { ...key, ...lasting, ...(channels.length > 0 && { channels: new Set(channels) }) };
    table.on(UpdateCommand).resolves({ Attributes: item });
    table.on(GetCommand, { TableName: 'connections' }).resolves({ Item: item });
  };
  const send = async (body?: string) => {
    const answer = await handler(event('$default', { body }));
    expect(answer.statusCode).toBe(200);
    return JSON.parse(answer.body ?? '');
  };

  test('answers a ping', async () => {
    expect(await send('{"action":"ping"}')).toEqual({ type: 'pong' });
  });

  const actions = 'action must be "ping", "subscribe" or "unsubscribe"';
  const oneOfTwo = 'postId or topic must be given, and not both';
  test.each([
    ['text', 'hello', 'The message is not JSON.'],
    ['nothing', undefined, 'The message is not JSON.'],
    ['another action', '{"action":"dance"}', `The message is not understood: ${actions}.`],
    ['no action', '{}', `The message is not understood: ${actions}.`],
    ['an array', '[]', `The message is not understood: ${actions}.`],
    ['no object', 'null', `The message is not understood: ${actions}.`],
    ['nothing to subscribe to', '{"action":"subscribe"}', `The message is not understood: ${oneOfTwo}.`],
    [
      'two at once',
      JSON.stringify({ action: 'unsubscribe', postId, topic: 'summer' }),
      `The message is not understood: ${oneOfTwo}.`,
    ],
    [
      'an id that is none',
      '{"action":"subscribe","postId":"42"}',
      'The message is not understood: postId must be a UUID.',
    ],
    [
      'an empty topic',
      '{"action":"unsubscribe","topic":" "}',
      'The message is not understood: topic must not be empty.',
    ],
  ])('says what is wrong with %s', async (_, body, message) => {
    expect(await send(body)).toEqual({ type: 'error', message });
    expect(table.calls()).toEqual([]);
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

    beforeEach(() => named(`post#${postId}`, 'topic#summer'));

    test('registers, then reads the post consistently, and answers with its state', async () => {
      table.on(GetCommand, { TableName: 'posts' }).callsFake((input) => {
        expect(input).toEqual({ TableName: 'posts', Key: { id: postId }, ConsistentRead: true });
        expect(puts()).toHaveLength(1);
        return { Item: { ...post, revision: 1, outboxShard: '7' } };
      });
      table.on(PutCommand).callsFake(() => expect(updates()).toHaveLength(1));
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId, revision: 1, post });
      expect(puts().map(({ Item }) => Item)).toEqual([{ channel: `post#${postId}`, ...lasting }]);
    });

    test('names the channel in the connection’s item, if there is room or it is named', async () => {
      await send(subscribe);
      const [update] = updates();
      expect(update).toMatchObject({
        TableName: 'connections',
        Key: key,
        UpdateExpression: 'ADD channels :channels',
        ExpressionAttributeValues: {
          ':channels': new Set([`post#${postId}`]),
          ':channel': `post#${postId}`,
          ':most': 100,
        },
      });
    });

    test('to a topic is answered without a post', async () => {
      expect(await send('{"action":"subscribe","topic":" Summer "}')).toEqual({
        type: 'subscribed',
        topic: 'summer',
      });
      expect(puts().map(({ Item }) => Item?.channel)).toEqual(['topic#summer']);
      expect(table.commandCalls(GetCommand, { TableName: 'posts' })).toEqual([]);
    });

    test('answers without a state while there is no post', async () => {
      table.on(GetCommand, { TableName: 'posts' }).resolves({});
      expect(await send(subscribe)).toEqual({ type: 'subscribed', postId });
    });

    test('says when there is no room', async () => {
      table.on(UpdateCommand).rejects(refused);
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: `A connection may hold 100 subscriptions. To add ${postId}, unsubscribe from another first.`,
      });
      expect(puts()).toEqual([]);
    });

    test.each([
      ['not registered', undefined],
      ['being removed', { ...key, ...lasting, ended: true }],
    ])('says when the connection is %s', async (_, Item) => {
      table.on(UpdateCommand).rejects(refused);
      table.on(GetCommand, { TableName: 'connections' }).resolves({ Item });
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: 'This connection is not registered any more: connect again.',
      });
      expect(puts()).toEqual([]);
    });

    test('follows what other requests make of it meanwhile', async () => {
      const Item = { ...key, channels: new Set(['topic#summer']) };
      table.on(GetCommand, { TableName: 'connections' }).resolvesOnce({ Item: key }).resolves({ Item });
      expect(await send('{"action":"subscribe","topic":"summer"}')).toMatchObject({ type: 'subscribed' });
      expect(puts()).toHaveLength(2);
      expect(removed()).toHaveLength(1);
    });

    test('is given up when others never cease to change it', async () => {
      let reads = 0;
      table.on(GetCommand, { TableName: 'connections' }).callsFake(() => ({
        Item: reads++ % 2 === 0 ? key : { ...key, channels: new Set(['topic#summer']) },
      }));
      expect(await send('{"action":"subscribe","topic":"summer"}')).toEqual({
        type: 'error',
        message: 'The "subscribe" for summer failed. Please try again.',
      });
      expect(reads).toBe(10);
    });

    test.each([
      ['named', () => table.on(UpdateCommand).rejects(throttled)],
      ['registered', () => table.on(PutCommand).rejects(throttled)],
      ['read', () => table.on(GetCommand).rejects(throttled)],
    ])('says when it cannot be %s', async (_, fail) => {
      fail();
      expect(await send(subscribe)).toEqual({
        type: 'error',
        message: `The "subscribe" for ${postId} failed. Please try again.`,
      });
    });
  });

  describe('on the end of a subscription', () => {
    const unsubscribe = '{"action":"unsubscribe","topic":"Summer"}';

    beforeEach(() => named());

    test('removes the membership, then its name, then what was put meanwhile', async () => {
      const membership = { TableName: 'connections', Key: { channel: 'topic#summer', connectionId: 'c1=' } };
      table.on(UpdateCommand).callsFake((input) => {
        expect(removed()).toEqual([membership]);
        expect(input).toMatchObject({
          Key: key,
          UpdateExpression: 'DELETE channels :channels',
          ExpressionAttributeValues: { ':channels': new Set(['topic#summer']) },
        });
        return { Attributes: key };
      });
      expect(await send(unsubscribe)).toEqual({ type: 'unsubscribed', topic: 'summer' });
      expect(updates()).toHaveLength(1);
      expect(removed()).toEqual([membership, membership]);
    });

    test('of a post names the post', async () => {
      const body = JSON.stringify({ action: 'unsubscribe', postId });
      expect(await send(body)).toEqual({ type: 'unsubscribed', postId });
    });

    test('does not mind a connection that is gone', async () => {
      table.on(UpdateCommand).rejects(refused);
      table.on(GetCommand).resolves({});
      expect(await send(unsubscribe)).toEqual({ type: 'unsubscribed', topic: 'summer' });
    });

    test('says when it fails', async () => {
      table.on(UpdateCommand).rejects(throttled);
      expect(await send(unsubscribe)).toEqual({
        type: 'error',
        message: 'The "unsubscribe" for summer failed. Please try again.',
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
