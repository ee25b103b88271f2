import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { exampleEnrichedPost } from '../../contracts/examples.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { WEBSOCKET_BUS } from '../../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/push-post-update.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { connectionsPerEvent } from '../../model/events.ts';
import { tombstone } from '../../model/tombstone.ts';
import { measured } from './measured.ts';
import { mockTables } from './table-mock.ts';

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';
process.env[WEBSOCKET_BUS] = 'bus';

const table = mockTables();
const api = mockClient(ApiGatewayManagementApiClient);
const eventBridge = mockClient(EventBridgeClient);
for (const level of ['info', 'error'] as const) jest.spyOn(logger, level).mockImplementation();
const now = Date.now();
jest.spyOn(Date, 'now').mockReturnValue(now);

/** Returns an event about a post that was created `age` milliseconds ago. */
const updated = (age: number, revision = 2, more: object = {}) => ({
  ...more,
  detail: {
    version: 1,
    revision,
    post: { ...exampleEnrichedPost, createdAt: new Date(now - age).toISOString() },
  },
});

/** Registers this number of connections, named `c0`, `c1` and so on. */
function connected(count: number): void {
  const connectedAt = new Date(now - 60_000).toISOString();
  const Items = Array.from({ length: count }, (_, n) => ({ connectionId: `c${n}`, connectedAt }));
  table.on(QueryCommand, { ExpressionAttributeValues: { ':channel': 'all' } }).resolves({ Items });
}

beforeEach(() => {
  for (const client of [table, api, eventBridge]) client.reset();
  table.on(GetCommand).resolves({ Item: { ...exampleEnrichedPost, revision: 2 } });
  table.on(QueryCommand).resolves({ Items: [] });
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => ({
    Entries: Entries.map(() => ({ EventId: '1' })),
  }));
});

describe('the time from the creation of a post to the push', () => {
  test.each([
    ['once, however many clients receive it', 3],
    ['if nobody listens', 0],
    ['once, when the parts for many clients are put', 2 * connectionsPerEvent],
  ])('is measured %s', async (_, connections) => {
    connected(connections);
    await handler(updated(812));
    expect(measured()).toEqual({ TimeToPush: [812] });
  });

  test('is never negative, although the clocks of two functions differ', async () => {
    connected(1);
    await handler(updated(-40));
    expect(measured()).toEqual({ TimeToPush: [0] });
  });

  test('is measured if other sends fail and the function fails too', async () => {
    connected(2);
    api.on(PostToConnectionCommand, { ConnectionId: 'c1' }).rejects(new Error('throttled'));
    eventBridge.on(PutEventsCommand).rejects(new Error('no answer'));
    await expect(handler(updated(812))).rejects.toThrow();
    expect(measured()).toEqual({ TimeToPush: [812] });
  });

  test('is measured if some parts cannot be put', async () => {
    connected(2 * connectionsPerEvent);
    eventBridge
      .on(PutEventsCommand)
      .resolves({ Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }] });
    await expect(handler(updated(812))).rejects.toThrow();
    expect(measured()).toEqual({ TimeToPush: [812] });
  });

  test('is measured by the attempt that reaches a client', async () => {
    connected(1);
    api.on(PostToConnectionCommand).rejectsOnce(new Error('throttled')).resolves({});
    await expect(handler(updated(812))).rejects.toThrow();
    expect(measured()).toEqual({});
    await handler(updated(60_812));
    expect(measured()).toEqual({ TimeToPush: [60_812] });
  });

  test('is not measured if it is unknown who listens', async () => {
    table
      .on(QueryCommand, { ExpressionAttributeValues: { ':channel': 'all' } })
      .rejects(new Error('throttled'));
    await expect(handler(updated(812))).rejects.toThrow();
    expect(measured()).toEqual({});
  });

  test.each([
    ['a later change', updated(812, 3)],
    ['a replayed event', updated(812, 2, { 'replay-name': 'yesterday' })],
  ])('is not measured for %s', async (_, event) => {
    connected(1);
    await handler(event);
    expect(api.commandCalls(PostToConnectionCommand)).toHaveLength(1);
    expect(measured()).toEqual({});
  });

  test.each([
    ['deleted', undefined],
    ['removed', tombstone({ ...exampleEnrichedPost, revision: 2 }, 'removal', new Date(now))],
  ])('is not measured for a post that is %s', async (_, Item) => {
    table.on(GetCommand).resolves({ Item });
    await handler(updated(812));
    expect(measured()).toEqual({});
  });
});
