import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { CONNECTIONS_TABLE } from '../../../lambdas/connections/environment.ts';
import { WEBSOCKET_BUS } from '../../../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../../../lambdas/posts/environment.ts';
import { logger } from '../../../lambdas/runtime/logger.ts';
import { mockTables } from '../table-mock.ts';
import '../measured.ts';

process.env[CONNECTIONS_TABLE] = 'connections';
process.env[POSTS_TABLE] = 'posts';
process.env[WEBSOCKET_BUS] = 'bus';

export const table = mockTables();
export const eventBridge = mockClient(EventBridgeClient);
jest.spyOn(logger, 'info').mockImplementation();
jest.spyOn(logger, 'error').mockImplementation();

/** Resets the mocks so that AWS accepts every call. */
export function resetAws(): void {
  table.reset();
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });
}

export const postId = '019c1234-5678-7abc-8def-0123456789ab';
export const connectedAt = Date.parse('2026-01-31T09:30:00.123Z');

/** Returns an event of the WebSocket API. */
export const event = (routeKey: string, more: object = {}) => ({
  requestContext: { routeKey, connectionId: 'c1=', connectedAt, requestId: 'request-1', stage: 'dev' },
  isBase64Encoded: false,
  ...more,
});

export const puts = () => table.commandCalls(PutCommand).map(({ args }) => args[0].input);
export const updates = () => table.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
export const removed = () => table.commandCalls(DeleteCommand).map(({ args }) => args[0].input);

/** The key of the connection's item, and the attributes that all its items have. */
export const key = { channel: 'connection#c1=', connectionId: 'c1=' };
export const lasting = {
  connectionId: 'c1=',
  connectedAt: '2026-01-31T09:30:00.123Z',
  expiresAt: Math.floor(connectedAt / 1000) + 7_500,
};

export const throttled = new Error('throttled');
export const refused = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
