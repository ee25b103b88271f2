import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { handler } from '../../lambdas/manage-connections.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import {
  event,
  eventBridge,
  key,
  lasting,
  postId,
  puts,
  refused,
  removed,
  resetAws,
  table,
  throttled,
  updates,
} from './connections/one-connection.ts';
import { measured } from './measured.ts';

const connect = (queryStringParameters?: object | null) =>
  handler(event('$connect', { queryStringParameters }));

const announced = () =>
  eventBridge.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries);

beforeEach(resetAws);

test('measures the connections that open and close, not those that are refused', async () => {
  await connect();
  await connect({ topic: ' ' });
  table.on(PutCommand).rejects(throttled);
  await expect(connect()).rejects.toThrow('throttled');
  expect(measured()).toEqual({ ConnectionsOpened: [1] });
  table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all']) } });
  await handler(event('$disconnect'));
  expect(measured()).toEqual({ ConnectionsOpened: [1], ConnectionsClosed: [1] });
});

describe('$connect', () => {
  test.each([
    ['no parameters', undefined, ['all']],
    ['no parameters', null, ['all']],
    ['a parameter that nobody knows', { x: '1' }, ['all']],
    ['a topic', { topic: ' Summer' }, ['topic#summer']],
    ['a post', { postId: postId.toUpperCase() }, [`post#${postId}`]],
    ['both', { topic: 'summer', postId }, ['topic#summer', `post#${postId}`]],
    ['new posts', { from: 'created' }, ['all', 'created#all']],
    [
      'the new posts of a topic',
      { topic: 'Summer', from: 'created' },
      ['topic#summer', 'created#topic#summer'],
    ],
    [
      'the new posts of a topic, and a post',
      { topic: 'summer', postId, from: 'created' },
      ['topic#summer', 'created#topic#summer', `post#${postId}`],
    ],
  ])('with %s registers', async (_, parameters, channels) => {
    expect(await connect(parameters)).toEqual({ statusCode: 200 });
    const [connection, ...memberships] = puts().map(({ Item }) => Item);
    expect(connection).toEqual({ ...key, ...lasting, channels: new Set(channels) });
    expect(memberships).toEqual(channels.map((channel) => ({ channel, ...lasting })));
  });

  test('registers in the channels of its parameters, or is refused, whatever they are', async () => {
    const value = (...valid: string[]) =>
      fc.option(fc.oneof(fc.constantFrom(...valid), fc.string({ unit: 'binary' })), { nil: undefined });
    const parameters = fc.record({
      topic: value('summer'),
      postId: value(postId),
      from: value('created'),
    });
    await fc.assert(
      fc.asyncProperty(parameters, async (query) => {
        resetAws();
        const { statusCode } = await connect(query);
        const [connection, ...memberships] = puts().map(({ Item }) => Item);
        const channels = memberships.map((item) => String(item?.channel));
        expect(statusCode).toBe(memberships.length > 0 ? 200 : 400);
        expect(connection?.channels ?? new Set()).toEqual(new Set(channels));
        const ofNew = channels.filter((channel) => channel.startsWith('created#'));
        expect(ofNew).toHaveLength(statusCode === 200 && query.from !== undefined ? 1 : 0);
        for (const channel of ofNew) expect(channels).toContain(channel.replace('created#', ''));
      }),
    );
  });

  test('writes no membership before the item that names it', async () => {
    table.on(PutCommand).rejectsOnce(throttled);
    await expect(connect({ topic: 'summer', postId })).rejects.toThrow('throttled');
    expect(puts().map(({ Item }) => Item?.channel)).toEqual(['connection#c1=']);
  });

  test.each([
    ['an empty topic', { topic: ' ' }],
    ['a topic that is too long', { topic: 'x'.repeat(51) }],
    ['an invalid id', { postId: '42' }],
    ['one good, one bad', { topic: 'summer', postId: 'x' }],
    ['another start', { from: 'enriched' }],
    ['new posts of one post', { postId, from: 'created' }],
  ])('is refused with %s', async (_, parameters) => {
    expect(await connect(parameters)).toEqual({ statusCode: 400 });
    expect(puts()).toEqual([]);
  });

  test('is refused when a membership cannot be written', async () => {
    table.on(PutCommand).resolvesOnce({}).rejects(throttled);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    expect(announced()).toEqual([]);
  });

  test('leaves nothing behind if it is refused', async () => {
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

  test('removes its items only when none of its writes is still in flight', async () => {
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

  test('fails with the original error if its items cannot be removed', async () => {
    eventBridge.on(PutEventsCommand).rejects(throttled);
    const error = new Error('hangs');
    table.on(UpdateCommand).rejects(error);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    expect(logger.error).toHaveBeenLastCalledWith('A connection that is refused could not be removed.', {
      error,
    });
  });

  test('of a client that watches a post is announced after its registration', async () => {
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
        Detail: JSON.stringify({
          version: 1,
          metadata: {
            eventId: 'c1=:ConnectionOpened',
            correlationId: 'c1=',
            causationId: 'request-1',
            time: lasting.connectedAt,
            schemaVersion: '1.2',
          },
          connectionId: 'c1=',
          postId,
        }),
      },
    ]);
  });

  test.each([[undefined], [{ topic: 'summer' }]])(
    'of any other client is not announced: %j',
    async (parameters) => {
      await connect(parameters);
      expect(announced()).toEqual([]);
    },
  );

  test('is refused when the event cannot be put', async () => {
    eventBridge.on(PutEventsCommand).rejects(throttled);
    await expect(connect({ postId })).rejects.toThrow('throttled');
    const Entries = [{ ErrorCode: 'InternalFailure' }];
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
    await expect(connect({ postId })).rejects.toThrow('InternalFailure');
  });

  test('times out before a push stops its retries', async () => {
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

  test('marks the connection as ended, removes its memberships, and then its item', async () => {
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

  test('keeps the item if a membership cannot be removed', async () => {
    table.on(DeleteCommand).rejectsOnce(throttled);
    await expect(handler(event('$disconnect'))).rejects.toThrow('throttled');
    expect(removed().map(({ Key }) => Key)).not.toContainEqual(key);
  });

  test('removes the item of a connection without memberships', async () => {
    table.on(UpdateCommand).resolves({ Attributes: { ...key, ...lasting, ended: true } });
    expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(removed().map(({ Key }) => Key)).toEqual([key]);
  });

  test('removes nothing if the connection is not registered', async () => {
    table.on(UpdateCommand).rejects(refused);
    expect(await handler(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(removed()).toEqual([]);
  });
});

test('logs carry the id of the connection', async () => {
  await connect();
  expect(logger.getCorrelationId()).toBe('c1=');
});
