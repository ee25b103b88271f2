import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { exampleCreatedPost as post } from '../../contracts/examples.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { WEBSOCKET_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/push-to-connections.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { ConnectionsToPush } from '../../model/events.ts';
import { tombstone } from '../../model/tombstone.ts';
import { mockTables } from './table-mock.ts';

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';
process.env[WEBSOCKET_BUS] = 'bus';

const table = mockTables();
const api = mockClient(ApiGatewayManagementApiClient);
const eventBridge = mockClient(EventBridgeClient);
jest.spyOn(logger, 'error').mockImplementation();
jest.spyOn(logger, 'info').mockImplementation();

const connectedAt = '2026-01-31T09:00:00.000Z';
const event = (...ids: string[]) => ({
  detail: {
    version: 1,
    postId: post.id,
    connections: ids.map((connectionId) => ({ connectionId, connectedAt })),
  },
});
const sends = () => api.commandCalls(PostToConnectionCommand).map(({ args }) => args[0].input);

function resetAws(): void {
  table.reset();
  table.on(GetCommand).resolves({ Item: { ...post, revision: 3 } });
  api.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
}
beforeEach(resetAws);

test('sends the current post, read consistently, to each connection of the part', async () => {
  await handler(event('a', 'b'));
  expect(table.calls().map(({ args }) => args[0].input)).toEqual([
    { TableName: 'posts', Key: { id: post.id }, ConsistentRead: true },
  ]);
  expect(sends().map(({ ConnectionId }) => ConnectionId)).toEqual(['a', 'b']);
  for (const { Data } of sends())
    expect(JSON.parse(String(Data))).toEqual({ type: 'post.updated', revision: 3, post });
  expect(logger.getCorrelationId()).toBe(post.id);
});

test('sends the removal of a post that was removed meanwhile', async () => {
  table.on(GetCommand).resolves({ Item: tombstone({ ...post, revision: 3 }, 'removal', new Date()) });
  await handler(event('a'));
  expect(sends().map(({ Data }) => JSON.parse(String(Data)))).toEqual([
    { type: 'post.removed', postId: post.id },
  ]);
});

describe('for one revision of the post', () => {
  const forRevision = (revision: number) => {
    const { detail } = event('a', 'bad');
    return { detail: { ...detail, revision } };
  };

  test('sends that revision, and hands it on for the connections that a send failed for', async () => {
    table.on(GetCommand).resolves({ Item: { ...post, revision: 1 } });
    api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(new Error('throttled'));
    await handler(forRevision(1));
    expect(JSON.parse(String(sends()[0]?.Data))).toEqual({
      type: 'post.created',
      revision: 1,
      post,
    });
    expect(handedOn()).toMatchObject([{ attempt: 2, revision: 1, connections: [{ connectionId: 'bad' }] }]);
  });

  test.each([
    ['has changed', { ...post, revision: 3 }],
    ['was removed', tombstone({ ...post, revision: 3 }, 'removal', new Date())],
  ])('sends nothing if the post %s', async (_, Item) => {
    table.on(GetCommand).resolves({ Item });
    await handler(forRevision(1));
    expect(sends()).toEqual([]);
  });
});

test('sends nothing if the post was deleted meanwhile', async () => {
  table.on(GetCommand).resolves({});
  await handler(event('a'));
  expect(sends()).toEqual([]);
});

/** The error of the SDK if the call was aborted during an attempt. */
const aborted = (attempts: number) =>
  Object.assign(new Error('Request aborted'), { name: 'AbortError', $metadata: { attempts } });
const timeout = aborted(1);
const answered = (httpStatusCode: number) =>
  Object.assign(new Error('answered'), { name: 'AnyException', $metadata: { httpStatusCode, attempts: 3 } });
const failing = (ConnectionId: string, error: Error) =>
  api.on(PostToConnectionCommand, { ConnectionId }).rejects(error);
const connection = (connectionId: string, timeouts?: number) => ({
  connectionId,
  connectedAt,
  ...(timeouts !== undefined && { timeouts }),
});
const retry = (attempt: number, ...connections: object[]) => ({
  detail: {
    version: 1,
    metadata: {
      eventId: 'earlier attempt',
      correlationId: post.id,
      causationId: `${post.id}:3:BlogPostUpdated`,
      time: '2026-01-31T09:30:01.000Z',
      schemaVersion: '1.2',
    },
    postId: post.id,
    attempt,
    connections,
  },
});
/** The details of the events put on the bus. */
const handedOn = () =>
  eventBridge
    .commandCalls(PutEventsCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ Detail }) => ConnectionsToPush.parse(JSON.parse(Detail ?? '')));
const closed = () => api.commandCalls(DeleteConnectionCommand).map(({ args }) => args[0].input.ConnectionId);
const removed = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input.Key);

describe('failed sends', () => {
  test('are handed on without the others, with the time-outs in a row', async () => {
    failing('bad', answered(500));
    failing('slow', timeout);
    failing('slower', timeout);
    failing('was slow', answered(429));
    const connections = [connection('a'), connection('bad'), connection('slow')];
    await handler(retry(2, ...connections, connection('slower', 1), connection('was slow', 2)));
    expect(sends()).toHaveLength(5);
    expect(handedOn()).toEqual([
      {
        version: 1,
        metadata: expect.objectContaining({ correlationId: post.id, causationId: 'earlier attempt' }),
        postId: post.id,
        attempt: 3,
        connections: expect.arrayContaining([
          connection('bad'),
          connection('slow', 1),
          connection('slower', 2),
          connection('was slow'),
        ]),
      },
    ]);
    expect(handedOn()[0]?.connections).toHaveLength(4);
    expect(closed()).toEqual([]);
  });

  test('are retried by Lambda if nobody has received the state, and count no time-out', async () => {
    failing('slow', timeout);
    failing('gone', answered(410));
    await expect(handler(event('slow', 'gone'))).rejects.toThrow('The push failed for 1 of 2 connections.');
    expect(handedOn()).toEqual([]);
  });

  test('are retried by Lambda if a further attempt has changed nothing', async () => {
    failing('bad', answered(500));
    await expect(handler(retry(2, connection('bad')))).rejects.toThrow('The push failed for 1 of 1');
    expect(handedOn()).toEqual([]);
  });

  test('are retried by Lambda after five events', async () => {
    failing('bad', answered(500));
    await handler(retry(4, connection('a'), connection('bad')));
    expect(handedOn()).toMatchObject([{ attempt: 5 }]);
    await expect(handler(retry(5, connection('a'), connection('bad')))).rejects.toThrow('1 of 2');
    expect(handedOn()).toHaveLength(1);
  });

  test('are retried by Lambda if the bus does not take the event', async () => {
    failing('bad', answered(500));
    eventBridge.on(PutEventsCommand).rejects(new Error('no bus'));
    await expect(handler(event('a', 'bad'))).rejects.toThrow('no bus');
  });

  const errors = { timeout, 'throttled before': aborted(2), throttled: answered(429), failed: answered(503) };
  const results = fc.constantFrom('delivered', ...Object.keys(errors));
  test('end after a bounded number of events, and close only after three time-outs in a row', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(results, { minLength: 9 }), { minLength: 1 }), async (clients) => {
        resetAws();
        const sent = clients.map((): string[] => []);
        api.on(PostToConnectionCommand).callsFake(({ ConnectionId }) => {
          const past = sent[ConnectionId] ?? [];
          const result = clients[ConnectionId]?.[past.length] ?? 'delivered';
          past.push(result);
          const error = Object.entries(errors).find(([name]) => name === result)?.[1];
          if (error) throw error;
        });
        let next: unknown[] = [event(...clients.map((_, client) => String(client)))];
        for (let events = 0; next.length > 0; events++) {
          expect(events).toBeLessThan(5);
          eventBridge.resetHistory();
          // A failure is left to Lambda.
          await handler(next[0]).catch(() => {});
          next = handedOn().map((detail) => ({ detail }));
        }
        for (const [client, past] of sent.entries()) {
          expect(past.slice(0, -1)).not.toContain('delivered');
          const isSilent = past.slice(-3).join() === 'timeout,timeout,timeout';
          expect(closed().includes(String(client))).toBe(isSilent);
        }
      }),
    );
  });
});

test('a young connection that answers 410 after a time-out is gone, not opening', async () => {
  failing('young', answered(410));
  table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all']) } });
  await handler(retry(2, { ...connection('young', 1), connectedAt: new Date().toISOString() }));
  expect(sends()).toHaveLength(1);
  expect(removed()).toContainEqual({ channel: 'connection#young', connectionId: 'young' });
});

describe('a connection whose sends time out for the third time in a row', () => {
  const silent = retry(3, connection('silent', 2));
  const keys = ['all', 'topic#summer', 'connection#silent'].map((channel) => ({
    channel,
    connectionId: 'silent',
  }));
  beforeEach(() => {
    failing('silent', timeout);
    table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['all', 'topic#summer']) } });
  });

  test.each([
    ['closed', () => api.on(DeleteConnectionCommand).resolves({})],
    ['gone', () => api.on(DeleteConnectionCommand).rejects(answered(410))],
  ])('is removed once it is %s', async (_name, answer) => {
    answer();
    await handler(silent);
    expect(closed()).toEqual(['silent']);
    expect(removed()).toEqual(keys);
    expect(handedOn()).toEqual([]);
  });

  test('is not removed before the answer', async () => {
    api.on(DeleteConnectionCommand).callsFake(() => {
      expect(table.commandCalls(UpdateCommand)).toEqual([]);
    });
    await handler(silent);
    expect(removed()).toEqual(keys);
  });

  test.each([[answered(403)], [answered(500)], [timeout]])(
    'stays if it cannot be closed, and is handed on',
    async (error) => {
      api.on(DeleteConnectionCommand).rejects(error);
      await handler(silent);
      expect(table.commandCalls(UpdateCommand)).toEqual([]);
      expect(handedOn()).toMatchObject([{ attempt: 4, connections: [connection('silent', 3)] }]);
    },
  );
});

test.each([
  [{}, 'The event is invalid at /detail.'],
  [
    { detail: { version: 2, postId: post.id, connections: [{}] } },
    'The event is invalid at /detail/version, /detail/connections/0/connectionId, /detail/connections/0/connectedAt.',
  ],
])('refuses %j', async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
  expect(sends()).toEqual([]);
});
