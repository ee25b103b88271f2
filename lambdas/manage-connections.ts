import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { Channel, Connection, connectionIndex } from './model/connection.ts';
import { type ErrorMessage, Ping, type Pong } from './model/messages.ts';
import { PostId, Topic } from './model/post.ts';
import { sdkSettings } from './sdk-settings.ts';

const table = DynamoDBDocumentClient.from(new DynamoDBClient(sdkSettings));

/** API Gateway closes a WebSocket after 2 hours ("Amazon API Gateway quotas"); seconds, with 5 minutes to spare. */
const rowLifetime = 2 * 60 * 60 + 5 * 60;

/** The parts used of an event of an API Gateway WebSocket API. */
const Event = z.object({
  requestContext: z.object({
    routeKey: z.enum(['$connect', '$disconnect', '$default']),
    connectionId: z.string(),
  }),
  queryStringParameters: z.optional(z.unknown()),
  body: z.optional(z.string()),
});

/** What a client asks for as it connects; every post's updates when neither is named. */
const Interest = z.object({ topic: z.optional(Topic), postId: z.optional(PostId) });
type Interest = z.infer<typeof Interest>;

/** The routes of the WebSocket API: keeps the Connections table, and answers what clients send. */
export async function handler(event: unknown): Promise<{ statusCode: number; body?: string }> {
  const { requestContext, queryStringParameters, body = '' } = Event.parse(event);
  const { routeKey, connectionId } = requestContext;
  logger.setCorrelationId(connectionId);
  switch (routeKey) {
    case '$connect': {
      const interest = Interest.safeParse(queryStringParameters ?? {});
      if (!interest.success) return { statusCode: 400 };
      await register(connectionId, interest.data);
      return { statusCode: 200 };
    }
    case '$disconnect':
      await remove(connectionId);
      return { statusCode: 200 };
    case '$default':
      return { statusCode: 200, body: JSON.stringify(answerTo(body)) };
  }
}

async function register(connectionId: string, { topic, postId }: Interest): Promise<void> {
  const channels: string[] = [];
  if (topic !== undefined) channels.push(Channel.topic(topic));
  if (postId !== undefined) channels.push(Channel.post(postId));
  if (channels.length === 0) channels.push(Channel.all);
  const now = Date.now();
  const connectedAt = new Date(now).toISOString();
  const expiresAt = Math.floor(now / 1000) + rowLifetime;
  await Promise.all(
    channels.map((channel) => {
      const Item: Connection = { channel, connectionId, connectedAt, expiresAt };
      return table.send(new PutCommand({ TableName: environment(Environment.connectionsTable), Item }));
    }),
  );
  logger.info('A client connected.', { channels });
}

async function remove(connectionId: string): Promise<void> {
  const TableName = environment(Environment.connectionsTable);
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName,
      IndexName: connectionIndex,
      KeyConditionExpression: 'connectionId = :connectionId',
      ExpressionAttributeValues: { ':connectionId': connectionId },
    }),
  );
  const keys = z.array(z.pick(Connection, { channel: true, connectionId: true })).parse(Items);
  await Promise.all(keys.map((Key) => table.send(new DeleteCommand({ TableName, Key }))));
  logger.info('A client disconnected.');
}

function answerTo(body: string): Pong | ErrorMessage {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return { type: 'error', message: 'The message is not JSON.' };
  }
  if (Ping.safeParse(message).success) return { type: 'pong' };
  return { type: 'error', message: 'The message has no action known here; there is "ping".' };
}
