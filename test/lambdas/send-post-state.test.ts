import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { exampleEnrichedPost as post } from '../../contracts/examples.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { handler } from '../../lambdas/send-post-state.ts';
import { tombstone } from '../../model/tombstone.ts';
import { mockTables } from './table-mock.ts';

/** The time that the handler has waited between its sends. Time passes only while it waits. */
let waited = 0;
jest.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    waited += ms;
  },
}));
const start = Date.parse('2026-01-31T09:31:00.000Z');
jest.spyOn(Date, 'now').mockImplementation(() => start + waited);

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';

const table = mockTables();
const api = mockClient(ApiGatewayManagementApiClient);
const noted = jest.spyOn(logger, 'info').mockImplementation();

const gone = new GoneException({ message: 'gone', $metadata: { httpStatusCode: 410 } });

/** Returns a `ConnectionOpened` event that was put `age` seconds ago. */
const opened = (age = 0) => ({
  source: 'blog',
  time: new Date(start - age * 1000).toISOString().replace('.000', ''),
  detail: { version: 1, connectionId: 'c1=', postId: post.id },
});
const sent = 'The state is sent to a new connection.';
const sends = () => api.commandCalls(PostToConnectionCommand).map(({ args }) => args[0].input);
const removed = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input.Key);

beforeEach(() => {
  noted.mockClear();
  waited = 0;
  table.reset();
  const Item = { ...post, revision: 2, updatedAt: 'x', outboxShard: '7' };
  table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
  table.on(UpdateCommand).resolves({ Attributes: { channels: new Set(['post#other']) } });
  api.reset();
});

test('sends the state of the post, read consistently', async () => {
  await handler(opened());
  expect(table.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
    TableName: 'posts',
    Key: { id: post.id },
    ConsistentRead: true,
  });
  expect(sends()).toEqual([{ ConnectionId: 'c1=', Data: expect.any(String) }]);
  expect(JSON.parse(String(sends()[0]?.Data))).toEqual({ type: 'post.updated', revision: 2, post });
  expect(logger.getCorrelationId()).toBe(post.id);
  expect(noted).toHaveBeenCalledWith(sent, { connectionId: 'c1=' });
});

test('sends the removal of a post', async () => {
  const Item = tombstone({ ...post, revision: 1 }, 'removal', new Date(start));
  table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
  await handler(opened());
  expect(sends().map(({ Data }) => JSON.parse(String(Data)))).toEqual([
    { type: 'post.removed', postId: post.id },
  ]);
});

test.each([
  ['has not changed', { ...post, revision: 1 }],
  ['does not exist', undefined],
])('sends nothing of a post that %s', async (_, Item) => {
  table.on(GetCommand, { TableName: 'posts' }).resolves({ Item });
  await handler(opened());
  expect(sends()).toEqual([]);
});

test('sends to a connection that opens meanwhile', async () => {
  api.on(PostToConnectionCommand).rejectsOnce(gone).rejectsOnce(gone).resolves({});
  await handler(opened());
  expect(sends()).toHaveLength(3);
});

test('throws if the connection does not open within 5 s, so that Lambda retries', async () => {
  api.on(PostToConnectionCommand).rejects(gone);
  await expect(handler(opened())).rejects.toThrow('not open');
  expect(waited).toBeGreaterThanOrEqual(5_000);
  expect(removed()).toEqual([]);
});

test('removes a connection that is gone, with its memberships', async () => {
  api.on(PostToConnectionCommand).rejects(gone);
  await handler(opened(31));
  expect(removed()).toEqual(
    ['post#other', 'connection#c1='].map((channel) => ({
      channel,
      connectionId: 'c1=',
    })),
  );
  expect(noted).not.toHaveBeenCalledWith(sent, expect.anything());
});

test.each([
  ['sent', () => api.on(PostToConnectionCommand).rejects(new Error('throttled'))],
  ['read', () => table.on(GetCommand, { TableName: 'posts' }).rejects(new Error('throttled'))],
])('throws if the state cannot be %s, so that Lambda retries', async (_, fail) => {
  fail();
  await expect(handler(opened())).rejects.toThrow('throttled');
});
