import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { Channel, Connection, connectionIndex, handshakeLimit } from './model/connection.ts';
import { type ConnectionOpened, DetailType, eventSource } from './model/events.ts';
import { ClientMessage, type ErrorMessage, type Pong, type Subscribed } from './model/messages.ts';
import { PostId, Topic } from './model/post.ts';
import { readPost } from './read-post.ts';
import { sdkSettings } from './sdk-settings.ts';
import { table } from './table-client.ts';

const eventBridge = new EventBridgeClient(sdkSettings);

/** API Gateway closes a WebSocket after 2 hours ("Amazon API Gateway quotas"); milliseconds, with 5 minutes to spare. */
const rowLifetime = (2 * 60 + 5) * 60 * 1000;

/** The parts used of an event of an API Gateway WebSocket API. */
const Event = z.object({
  requestContext: z.object({
    routeKey: z.enum(['$connect', '$disconnect', '$default']),
    connectionId: z.string(),
    /** Milliseconds since the epoch. */
    connectedAt: z.int(),
  }),
  queryStringParameters: z.optional(z.unknown()),
  body: z.optional(z.string()),
});

/** A connection, as the event of a route tells of it. */
type Client = Pick<z.infer<typeof Event>['requestContext'], 'connectionId' | 'connectedAt'>;

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
      await open(requestContext, interest.data);
      return { statusCode: 200 };
    }
    case '$disconnect':
      await remove(connectionId);
      return { statusCode: 200 };
    case '$default':
      return { statusCode: 200, body: JSON.stringify(await answerTo(body, requestContext)) };
  }
}

/**
 * Registers a new connection, and lets the state of the post that it watches be sent to it. Throws unless both are done
 * before a push gives up on it: API Gateway then refuses the connection, and the client tries again.
 */
async function open(client: Client, { topic, postId }: Interest): Promise<void> {
  const channels: string[] = [];
  if (topic !== undefined) channels.push(Channel.topic(topic));
  if (postId !== undefined) channels.push(Channel.post(postId));
  if (channels.length === 0) channels.push(Channel.all);
  const deadline = AbortSignal.timeout(handshakeLimit);
  await register(client, channels, deadline);
  // After registering: what changes from here on is pushed, what has changed before is read for this event.
  if (postId !== undefined)
    await announce({ version: 1, connectionId: client.connectionId, postId }, deadline);
  logger.info('A client connected.', { channels });
}

async function register(
  { connectionId, connectedAt }: Client,
  channels: string[],
  abortSignal?: AbortSignal,
): Promise<void> {
  const row = {
    connectionId,
    connectedAt: new Date(connectedAt).toISOString(),
    expiresAt: Math.floor((connectedAt + rowLifetime) / 1000),
  };
  await Promise.all(
    channels.map((channel) => {
      const Item: Connection = { channel, ...row };
      return table.send(new PutCommand({ TableName: environment(Environment.connectionsTable), Item }), {
        abortSignal,
      });
    }),
  );
}

async function announce(detail: ConnectionOpened, abortSignal: AbortSignal): Promise<void> {
  const { FailedEntryCount, Entries } = await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: environment(Environment.webSocketBus),
          Source: eventSource,
          DetailType: DetailType.connectionOpened,
          Detail: JSON.stringify(detail),
        },
      ],
    }),
    { abortSignal },
  );
  if (FailedEntryCount) throw new Error(`The bus did not take the event: ${Entries?.[0]?.ErrorCode}`);
}

async function remove(connectionId: string): Promise<void> {
  const TableName = environment(Environment.connectionsTable);
  const pages = paginateQuery(
    { client: table },
    {
      TableName,
      IndexName: connectionIndex,
      KeyConditionExpression: 'connectionId = :connectionId',
      ExpressionAttributeValues: { ':connectionId': connectionId },
    },
  );
  for await (const { Items = [] } of pages) {
    const keys = z.array(z.pick(Connection, { channel: true, connectionId: true })).parse(Items);
    await pMap(keys, (Key) => table.send(new DeleteCommand({ TableName, Key })), { concurrency: 10 });
  }
  logger.info('A client disconnected.');
}

async function answerTo(body: string, client: Client): Promise<Pong | Subscribed | ErrorMessage> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { type: 'error', message: 'The message is not JSON.' };
  }
  const { data: message, error } = ClientMessage.safeParse(json);
  if (error) {
    const wrong = error.issues.map(({ path, message }) => `${path.join('.') || 'action'} ${message}`);
    return { type: 'error', message: `The message is not understood: ${wrong.join(', ')}.` };
  }
  return message.action === 'ping' ? { type: 'pong' } : subscribe(client, message.postId);
}

/** Registers, then reads: what changes from there on is pushed, what has changed before is in the answer. */
async function subscribe(client: Client, postId: string): Promise<Subscribed | ErrorMessage> {
  try {
    await register(client, [Channel.post(postId)]);
    const state = await readPost(postId);
    logger.info('A client subscribed.', { postId });
    return { type: 'subscribed', postId, ...state };
  } catch (error) {
    logger.error('The subscription failed.', { postId, error });
    return { type: 'error', message: `The subscription to ${postId} failed. Please try again.` };
  }
}
