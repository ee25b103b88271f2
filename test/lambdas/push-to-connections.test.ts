import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { exampleCreatedPost as post } from '../../contracts/examples.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler } from '../../lambdas/push-to-connections.ts';
import { logger } from '../../lambdas/runtime/logger.ts';

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';

const table = mockClient(DynamoDBDocumentClient);
const api = mockClient(ApiGatewayManagementApiClient);
const logged = jest.spyOn(logger, 'error').mockImplementation();
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

beforeEach(() => {
  table.reset();
  table.on(GetCommand).resolves({ Item: { ...post, revision: 3 } });
  api.reset();
});

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

test('sends nothing if the post was deleted meanwhile', async () => {
  table.on(GetCommand).resolves({});
  await handler(event('a'));
  expect(sends()).toEqual([]);
});

test('completes the other sends if one fails, and then throws so that Lambda retries the part', async () => {
  const error = new Error('throttled');
  api.on(PostToConnectionCommand, { ConnectionId: 'bad' }).rejects(error);
  await expect(handler(event('a', 'bad', 'c'))).rejects.toThrow('The push failed for 1 of 3 connections.');
  expect(sends()).toHaveLength(3);
  expect(logged).toHaveBeenCalledWith('The update could not be sent.', { connectionId: 'bad', error });
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
