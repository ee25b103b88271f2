import {
  ApiGatewayManagementApiClient,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { exampleCreatedPost as created, exampleEnrichedPost as post } from '../../contracts/examples.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { WEBSOCKET_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/push-post-update.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { blogPostRemoved, blogPostSaved, ConnectionsToPush } from '../../model/events.ts';
import { tombstone } from '../../model/tombstone.ts';
import { mockTables } from './table-mock.ts';
import './measured.ts';

/** The time that the handler has waited between its sends. Time passes only while it waits. */
let waited = 0;
jest.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    waited += ms;
  },
}));
const start = Date.now();
jest.spyOn(Date, 'now').mockImplementation(() => start + waited);

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';
process.env[WEBSOCKET_BUS] = 'bus';

const table = mockTables();
const api = mockClient(ApiGatewayManagementApiClient);
const eventBridge = mockClient(EventBridgeClient);
const logged = jest.spyOn(logger, 'error').mockImplementation();
const noted = jest.spyOn(logger, 'info').mockImplementation();

const updated = { source: 'blog', detail: { version: 1, revision: 2, post } };
/** The item of the post: clients get the post without the other attributes. */
const stored = { ...post, revision: 2, updatedAt: '2026-01-31T09:30:01.000Z', outboxShard: '7' };
const channels = ['all', 'topic#summer', `post#${post.id}`];
const newChannels = ['created#all', 'created#topic#summer'];

const gone = new GoneException({ message: 'gone', $metadata: { httpStatusCode: 410 } });

/**
 * Fills the table with pages of connection IDs by channel. They connected `age` milliseconds ago.
 */
function connected(pages: Record<string, string[][]>, age = 60_000) {
  table.on(QueryCommand).callsFake(({ ExpressionAttributeValues, ExclusiveStartKey }) => {
    const channel = ExpressionAttributeValues[':channel'];
    const page = ExclusiveStartKey?.page ?? 0;
    const connectedAt = new Date(start - age).toISOString();
    return {
      Items: pages[channel]?.[page]?.map((connectionId) => ({
        channel,
        connectionId,
        connectedAt,
        expiresAt: 1,
      })),
      ...(pages[channel]?.[page + 1] && { LastEvaluatedKey: { page: page + 1 } }),
    };
  });
}

const sends = () => api.commandCalls(PostToConnectionCommand).map(({ args }) => args[0].input.ConnectionId);
/** How many connections had which outcome, as the handler logged it. */
const outcomes = () => noted.mock.calls.find(([message]) => message === 'The update is pushed.')?.[1];
const partsPut = () =>
  eventBridge
    .commandCalls(PutEventsCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ Detail }) => ConnectionsToPush.parse(JSON.parse(Detail ?? '')));
const removed = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input.Key);

beforeEach(() => {
  waited = 0;
  table.reset();
  table.on(GetCommand, { TableName: 'posts' }).resolves({ Item: stored });
  api.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => ({
    Entries: Entries.map(() => ({ EventId: '1' })),
  }));
  logged.mockClear();
  noted.mockClear();
});

test('sends the post to each connection', async () => {
  connected({ all: [['a']] });
  await handler(updated);
  const [call] = api.commandCalls(PostToConnectionCommand);
  expect(call?.args[0].input.ConnectionId).toBe('a');
  expect(JSON.parse(String(call?.args[0].input.Data))).toEqual({ type: 'post.updated', revision: 2, post });
  expect(logger.getCorrelationId()).toBe(post.id);
});

test('sends the current state of the post', async () => {
  connected({ all: [['a']] });
  table.on(GetCommand).resolves({ Item: { ...stored, revision: 3, title: 'New' } });
  await handler(updated);
  expect(table.commandCalls(GetCommand).map(({ args }) => args[0].input)).toEqual([
    { TableName: 'posts', Key: { id: post.id }, ConsistentRead: true },
  ]);
  const [call] = api.commandCalls(PostToConnectionCommand);
  expect(JSON.parse(String(call?.args[0].input.Data))).toEqual({
    type: 'post.updated',
    revision: 3,
    post: { ...post, title: 'New' },
  });
});

describe('a new post', () => {
  const saved = { source: 'blog', detail: blogPostSaved(created, 'request-1') };
  const everywhere = Object.fromEntries(channels.map((channel, n) => [channel, [[`plain-${n}`]]]));
  const stateIs = (Item?: object) => table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
  const queried = () =>
    table.commandCalls(QueryCommand).map(({ args }) => args[0].input.ExpressionAttributeValues?.[':channel']);

  beforeEach(() => stateIs({ ...created, revision: 1, outboxShard: '7' }));

  test('is sent once to each connection that asked for new posts, and to no other', async () => {
    connected({ ...everywhere, 'created#all': [['a', 'b']], 'created#topic#summer': [['b', 'c']] });
    await handler(saved);
    expect(sends()).toEqual(['a', 'b', 'c']);
    expect(queried()).toEqual(newChannels);
    for (const { args } of api.commandCalls(PostToConnectionCommand))
      expect(JSON.parse(String(args[0].input.Data))).toEqual({
        type: 'post.created',
        revision: 1,
        post: created,
      });
  });

  test('is not read if nobody asked', async () => {
    connected(everywhere);
    await handler(saved);
    expect(queried()).toEqual(newChannels);
    expect(table.commandCalls(GetCommand)).toEqual([]);
    expect(sends()).toEqual([]);
  });

  test.each([
    ['was enriched', stored],
    ['was removed', tombstone({ ...post, revision: 1 }, 'removal', new Date(start))],
    ['was deleted', undefined],
  ])('is not sent if it %s meanwhile', async (_, Item) => {
    stateIs(Item);
    connected({ 'created#all': [['a']] });
    await handler(saved);
    expect(sends()).toEqual([]);
  });

  test('is handed on as a push of this revision only', async () => {
    connected({ 'created#all': [['a', 'bad']] });
    api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(new Error('throttled'));
    await handler(saved);
    expect(partsPut()).toMatchObject([
      {
        metadata: { causationId: `${post.id}:1:BlogPostSaved` },
        revision: 1,
        connections: [{ connectionId: 'bad' }],
      },
    ]);
  });

  test('is split as a push of this revision only', async () => {
    connected({ 'created#all': [Array.from({ length: 501 }, (_, n) => `c${n}`)] });
    await handler(saved);
    expect(partsPut().map(({ revision, connections }) => [revision, connections.length])).toEqual([
      [1, 500],
      [1, 1],
    ]);
  });

  test('fails, so that Lambda retries, if a channel cannot be read or no send succeeds', async () => {
    connected({ 'created#all': [['a']] });
    api.on(PostToConnectionCommand).rejects(new Error('throttled'));
    await expect(handler(saved)).rejects.toThrow('The push failed for 1 of 1 connections.');
    table.on(QueryCommand).rejects(new Error('throttled'));
    await expect(handler(saved)).rejects.toThrow('Not all connections could be read.');
  });
});

describe('the removal of a post', () => {
  const tomb = tombstone({ ...post, revision: 2 }, 'removal', new Date(start));
  const removal = { source: 'blog', detail: blogPostRemoved(tomb) };
  const messages = () =>
    api.commandCalls(PostToConnectionCommand).map(({ args }) => JSON.parse(String(args[0].input.Data)));
  const removedMessage = { type: 'post.removed', postId: post.id };

  test.each([
    ['the removal', removal, tomb],
    ['the removal whose tombstone has expired', removal, undefined],
    ['an update that is late', updated, tomb],
  ])('is sent to the connections of each channel by the event of %s', async (_, event, Item) => {
    table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
    connected({ all: [['a']], 'topic#summer': [['b']], [`post#${post.id}`]: [['c']] });
    await handler(event);
    expect(sends()).toEqual(['a', 'b', 'c']);
    expect(messages()).toEqual([removedMessage, removedMessage, removedMessage]);
  });

  test('is handed on for the connections that a send failed for', async () => {
    table.on(GetCommand, { TableName: 'posts' }).resolves({ Item: tomb });
    connected({ all: [['a', 'bad']] });
    api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(new Error('throttled'));
    await handler(removal);
    const [input] = eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input);
    expect(ConnectionsToPush.parse(JSON.parse(input?.Entries?.[0]?.Detail ?? ''))).toMatchObject({
      metadata: { causationId: removal.detail.metadata.eventId, time: tomb.updatedAt },
      postId: post.id,
      connections: [{ connectionId: 'bad' }],
    });
  });

  test('removes the connections that are gone', async () => {
    table.on(GetCommand, { TableName: 'posts' }).resolves({ Item: tomb });
    connected({ all: [['a']] });
    table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all']) } });
    api.on(PostToConnectionCommand).rejects(gone);
    await handler(removal);
    expect(removed()).toContainEqual({ channel: 'all', connectionId: 'a' });
  });
});

test('sends nothing if the post was deleted meanwhile', async () => {
  connected({ all: [['a']] });
  table.on(GetCommand).resolves({});
  await handler(updated);
  expect(sends()).toEqual([]);
});

test('throws if the post cannot be read, so that Lambda retries', async () => {
  table.on(GetCommand).rejects(new Error('throttled'));
  await expect(handler(updated)).rejects.toThrow('throttled');
});

test('reads the connections of each channel by key, consistently, page by page', async () => {
  connected({
    all: [['a', 'b'], ['c'], []],
    'topic#summer': [['d']],
    [`post#${post.id}`]: [['e']],
    'topic#x': [['f']],
  });
  await handler(updated);
  expect(sends().sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  const queries = table.commandCalls(QueryCommand).map(({ args }) => args[0].input);
  expect(new Set(queries.map((query) => query.ExpressionAttributeValues?.[':channel']))).toEqual(
    new Set(channels),
  );
  for (const query of queries) {
    expect(query).toMatchObject({
      TableName: 'connections',
      KeyConditionExpression: 'channel = :channel',
      ConsistentRead: true,
    });
  }
});

test('sends one message to a connection that matches twice', async () => {
  connected({ 'topic#summer': [['a', 'b']], [`post#${post.id}`]: [['b', 'a']] });
  await handler(updated);
  expect(sends()).toEqual(['a', 'b']);
});

test('sends concurrently, up to a limit', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `c${n}`);
  connected({ all: [ids] });
  let open = 0;
  let most = 0;
  api.on(PostToConnectionCommand).callsFake(async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
  });
  await handler(updated);
  expect(sends()).toHaveLength(200);
  expect(most).toBe(50);
});

test('times out a send that hangs, without delaying others', async () => {
  connected({ all: [['hangs', 'a']] });
  const fired = AbortSignal.abort(new Error('2 s are over'));
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(fired);
  await handler(updated);
  const calls: unknown[][] = api.commandCalls(PostToConnectionCommand).map(({ args }) => [...args]);
  expect(calls.map(([, options]) => options)).toEqual([{ abortSignal: fired }, { abortSignal: fired }]);
  expect(timeout).toHaveBeenCalledWith(2_000);
  timeout.mockRestore();
});

test('puts an event with the connections that a send failed for, and no others', async () => {
  connected({ all: [['a', 'bad', 'c']] });
  const error = new Error('throttled');
  api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(error);
  await handler(updated);
  expect(sends()).toEqual(['a', 'bad', 'c']);
  expect(logged).toHaveBeenCalledWith('The update could not be sent.', { connectionId: 'bad', error });
  expect(removed()).toEqual([]);
  expect(outcomes()).toEqual({ delivered: 2, gone: 0, failed: 1 });
  const [input] = eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input);
  expect(input?.Entries).toMatchObject([
    { EventBusName: 'bus', Source: 'blog', DetailType: 'ConnectionsToPush' },
  ]);
  expect(JSON.parse(input?.Entries?.[0]?.Detail ?? '')).toEqual({
    version: 1,
    metadata: {
      eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
      correlationId: post.id,
      causationId: `${post.id}:2:BlogPostUpdated`,
      time: post.createdAt,
      schemaVersion: '1.2',
    },
    postId: post.id,
    attempt: 2,
    connections: [{ connectionId: 'bad', connectedAt: new Date(start - 60_000).toISOString() }],
  });
});

test('makes no more calls if every send succeeds', async () => {
  connected({ all: [['a', 'b']] });
  await handler(updated);
  expect(sends()).toHaveLength(2);
  expect(api.calls()).toHaveLength(2);
  expect(table.calls()).toHaveLength(4);
  expect(eventBridge.calls()).toEqual([]);
});

test.each([
  ['every send failed', ['bad'], {}],
  ['the bus refuses the event with the failed sends', ['a', 'bad'], { ErrorCode: 'ThrottlingException' }],
])('throws if %s, so that Lambda retries', async (_name, ids, refusal) => {
  connected({ all: [ids] });
  api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(new Error('throttled'));
  eventBridge.on(PutEventsCommand).resolves({ Entries: [refusal] });
  await expect(handler(updated)).rejects.toThrow(/^The (push failed for 1 of 1 connections|bus refused)/);
  expect(eventBridge.calls()).toHaveLength(ids.length - 1);
});

test('logs a message that is too large, without a retry', async () => {
  connected({ all: [['a', 'b']] });
  api
    .on(PostToConnectionCommand, { ConnectionId: 'a' })
    .rejects(new PayloadTooLargeException({ message: 'large', $metadata: { httpStatusCode: 413 } }));
  await handler(updated);
  expect(sends()).toEqual(['a', 'b']);
  expect(logged).toHaveBeenCalledTimes(1);
  expect(outcomes()).toEqual({ delivered: 1, gone: 0, failed: 0, tooLarge: 1 });
});

describe('a connection that answers 410', () => {
  test('is removed with its memberships if it is older than 30 s', async () => {
    connected({ all: [['old']] }, 30_001);
    api.on(PostToConnectionCommand).rejects(gone);
    table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all', 'topic#autumn']) } });
    await handler(updated);
    expect(sends()).toEqual(['old']);
    expect(removed()).toEqual(
      ['all', 'topic#autumn', 'connection#old'].map((channel) => ({ channel, connectionId: 'old' })),
    );
  });

  test('is recognized by the status if the answer names no error, and counted apart', async () => {
    connected({ all: [['a', 'old']] }, 30_001);
    const unnamed = Object.assign(new Error('UnknownError'), { $metadata: { httpStatusCode: 410 } });
    api.on(PostToConnectionCommand, { ConnectionId: 'old' }).rejects(unnamed);
    table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all']) } });
    await handler(updated);
    expect(removed()).toContainEqual({ channel: 'connection#old', connectionId: 'old' });
    expect(outcomes()).toEqual({ delivered: 1, gone: 1, failed: 0 });
  });

  test('is removed from the channels of the post if its item is gone', async () => {
    connected({ all: [['old']] }, 30_001);
    api.on(PostToConnectionCommand).rejects(gone);
    table.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    await handler(updated);
    expect(removed()).toEqual(
      [...channels, ...newChannels].map((channel) => ({ channel, connectionId: 'old' })),
    );
  });

  test('is left to the next push if it cannot be removed, without failing this one', async () => {
    connected({ all: [['a', 'old']] }, 30_001);
    api.on(PostToConnectionCommand, { ConnectionId: 'old' }).rejects(gone);
    const error = new Error('throttled');
    table.on(UpdateCommand).rejects(error);
    await handler(updated);
    expect(sends()).toEqual(['a', 'old']);
    expect(logged.mock.calls).toEqual([
      ['A connection that is gone could not be removed.', { connectionId: 'old', error }],
    ]);
  });

  test('is retried while its handshake may be open', async () => {
    connected({ all: [['young']] }, 0);
    api.on(PostToConnectionCommand).rejectsOnce(gone).rejectsOnce(gone).resolves({});
    await handler(updated);
    expect(sends()).toHaveLength(3);
    expect(removed()).toEqual([]);
  });

  test('is gone after a second if it is young and no longer registered', async () => {
    connected({ all: [['young', 'a']] }, 1_000);
    api.on(PostToConnectionCommand, { ConnectionId: 'young' }).rejects(gone);
    table.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    await handler(updated);
    expect(waited).toBeLessThan(1_000);
    expect(outcomes()).toEqual({ delivered: 1, gone: 1, failed: 0 });
  });

  test('is retried for 5 s if it is young and cannot be looked up', async () => {
    connected({ all: [['young']] }, 1_000);
    api.on(PostToConnectionCommand).rejects(gone);
    table.on(UpdateCommand).rejects(new Error('throttled'));
    await handler(updated);
    expect(outcomes()).toEqual({ delivered: 0, gone: 0, failed: 0, opening: 1 });
  });

  test('is skipped after 5 s if it is young, and stays in the table', async () => {
    connected({ all: [['young']] }, 1_000);
    api.on(PostToConnectionCommand).rejects(gone);
    await handler(updated);
    expect(waited).toBeGreaterThanOrEqual(5_000);
    expect(waited).toBeLessThan(6_000);
    expect(sends().length).toBeGreaterThan(10);
    expect(removed()).toEqual([]);
    expect(outcomes()).toEqual({ delivered: 0, gone: 0, failed: 0, opening: 1 });
  });
});

test('sends to the connections found if a page cannot be read, and then throws so that Lambda retries', async () => {
  const error = new Error('throttled');
  connected({ all: [['a', 'b']] });
  table.on(QueryCommand, { ExpressionAttributeValues: { ':channel': 'topic#summer' } }, false).rejects(error);
  await expect(handler(updated)).rejects.toThrow('Not all connections could be read.');
  expect(sends()).toEqual(['a', 'b']);
});

describe('more connections than one event holds', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
  const calls = () =>
    eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);
  const parts = () =>
    calls()
      .flat()
      .map(({ Detail }) => ConnectionsToPush.parse(JSON.parse(Detail ?? '')).connections);

  test('are handed over by events, whereas 500 are not', async () => {
    connected({ all: [ids(500)] });
    await handler(updated);
    expect(sends()).toHaveLength(500);
    expect(calls()).toEqual([]);
    api.reset();

    connected({ all: [ids(500)], 'topic#summer': [['one more']] });
    await handler(updated);
    expect(sends()).toEqual([]);
    const [[first] = []] = calls();
    expect(first).toMatchObject({ EventBusName: 'bus', Source: 'blog', DetailType: 'ConnectionsToPush' });
    expect(JSON.parse(first?.Detail ?? '')).toMatchObject({ version: 1, postId: post.id });
    expect(parts().map(({ length }) => length)).toEqual([500, 1]);
  });

  test('are in one event each, and the events fit into calls of PutEvents', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 501, max: 4_000 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (count, length, page) => {
          eventBridge.resetHistory();
          const all = ids(count).map((id) => id.padEnd(length, 'x'));
          const pages = Array.from({ length: Math.ceil(count / page) }, (_, n) =>
            all.slice(n * page, (n + 1) * page),
          );
          connected({ all: pages, 'topic#summer': [all.slice(7, 700)] });
          await handler(updated);
          const found = parts().flat();
          expect(found.map(({ connectionId }) => connectionId).sort()).toEqual(all.sort());
          expect(new Set(found.map(({ connectedAt }) => connectedAt)).size).toBe(1);
          for (const part of parts()) expect(part.length).toBeLessThanOrEqual(500);
          for (const entries of calls()) {
            const bytes = entries.map((e) => Buffer.byteLength(`${e.Source}${e.DetailType}${e.Detail}`));
            expect(entries.length).toBeLessThanOrEqual(10);
            expect(bytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(240 * 1024);
          }
          expect(sends()).toEqual([]);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('puts the other events if the bus refuses one, and then throws so that Lambda retries', async () => {
    connected({ all: [ids(6_000)] });
    eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: { Detail: string }[] }) => ({
      Entries: Entries.map(({ Detail }) =>
        Detail.includes('"c0"') ? { ErrorCode: 'ThrottlingException' } : { EventId: '1' },
      ),
    }));
    await expect(handler(updated)).rejects.toThrow('The bus did not accept 1 of 12 events.');
    expect(parts()).toHaveLength(12);
  });

  test('puts the other parts if a call to the bus fails, and then throws so that Lambda retries', async () => {
    connected({ all: [ids(12_000)] });
    const error = new Error('timed out');
    eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: { Detail: string }[] }) => {
      if (Entries.some(({ Detail }) => Detail.includes('"c0"'))) throw error;
      return { Entries: Entries.map(() => ({ EventId: '1' })) };
    });
    await expect(handler(updated)).rejects.toThrow(/^The bus did not accept \d+ of 24 events\.$/);
    expect(parts()).toHaveLength(24);
    expect(logged.mock.calls).toEqual([
      ['A call to put parts of the push on the bus failed.', { parts: calls()[0]?.length, error }],
    ]);
  });
});
