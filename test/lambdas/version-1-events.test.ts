import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { ComprehendClient, DetectEntitiesCommand } from '@aws-sdk/client-comprehend';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { mockClient } from 'aws-sdk-client-mock';
import { asyncApi } from '../../contracts/asyncapi.ts';
import { CONNECTIONS_TABLE } from '../../lambdas/connections/environment.ts';
import { POSTS_TABLE } from '../../lambdas/posts/environment.ts';
import { handler as pushPostUpdate } from '../../lambdas/push-post-update.ts';
import { handler as pushToConnections } from '../../lambdas/push-to-connections.ts';
import { handler as recognizeEntities } from '../../lambdas/recognize-entities.ts';
import { logger } from '../../lambdas/runtime/logger.ts';
import { handler as sendPostState } from '../../lambdas/send-post-state.ts';
import { notification } from '../../model/notification.ts';
import { deadLetterOf } from '../../operations/dead-letter.ts';
import { mockTables } from './table-mock.ts';
import recorded from './version-1-events.json';

process.env[POSTS_TABLE] = 'posts';
process.env[CONNECTIONS_TABLE] = 'connections';
jest.spyOn(logger, 'info').mockImplementation();

const table = mockTables();
const api = mockClient(ApiGatewayManagementApiClient);
const comprehend = mockClient(ComprehendClient);
mockClient(EventBridgeClient);

const { BlogPostCreated, BlogPostUpdated, ConnectionOpened, ConnectionsToPush } = recorded.events;
const connections = ConnectionsToPush.detail.connections;
const sends = () => api.commandCalls(PostToConnectionCommand).map(({ args }) => args[0].input.ConnectionId);

beforeEach(() => {
  table.reset();
  api.reset();
  table.on(GetCommand).resolves({ Item: { ...BlogPostUpdated.detail.post, revision: 2 } });
  comprehend.on(DetectEntitiesCommand).resolves({ Entities: [] });
});

describe('an event of the release before metadata, which waits at a deployment, is consumed', () => {
  test('BlogPostCreated', async () => {
    await recognizeEntities(BlogPostCreated);
    expect(table.commandCalls(UpdateCommand)).toHaveLength(1);
  });

  test('BlogPostUpdated', async () => {
    table.on(QueryCommand).resolves({ Items: connections });
    await pushPostUpdate(BlogPostUpdated);
    expect(sends()).toEqual(connections.map(({ connectionId }) => connectionId));
  });

  test('ConnectionOpened', async () => {
    await sendPostState(ConnectionOpened);
    expect(sends()).toEqual([ConnectionOpened.detail.connectionId]);
  });

  test('ConnectionsToPush', async () => {
    await pushToConnections(ConnectionsToPush);
    expect(sends()).toEqual(connections.map(({ connectionId }) => connectionId));
  });

  test('and read from a dead-letter queue', () => {
    const attributes = { TARGET_ARN: 'arn:aws:sns:us-east-1:123456789012:Topic', ERROR_CODE: 'NO_RESOURCE' };
    const message = { id: '1', handle: '1', sentAt: 0, body: JSON.stringify(BlogPostCreated), attributes };
    expect(deadLetterOf(message)).toMatchObject({ kind: 'event', event: JSON.stringify(BlogPostCreated) });
  });
});

describe('a consumer that was made for that release', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'version-1', components: { schemas: recorded.schemas } });

  test.each(Object.keys(recorded.events))('accepts the present %s', (detailType) => {
    const validate = ajv.getSchema(`version-1#/components/schemas/${detailType}`);
    for (const { payload } of asyncApi.components.messages[detailType]?.examples ?? [])
      expect([validate?.(payload), validate?.errors]).toEqual([true, null]);
  });

  test('receives the same e-mail', () => {
    const [example] = asyncApi.components.messages.BlogPostCreated?.examples ?? [];
    expect(example?.payload).toMatchObject({ detail: BlogPostCreated.detail });
    expect(Object.keys(notification(BlogPostCreated.detail, undefined))).toEqual([
      ...['message', 'url', 'topic', 'title', 'author', 'id', 'createdAt'],
    ]);
  });
});
