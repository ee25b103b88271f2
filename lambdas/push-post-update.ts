import { setTimeout } from 'node:timers/promises';
import {
  ApiGatewayManagementApiClient,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { Channel, Connection } from './model/connection.ts';
import { BlogPostUpdated } from './model/events.ts';
import type { PostUpdated } from './model/messages.ts';
import type { Post } from './model/post.ts';
import { sdkSettings } from './sdk-settings.ts';

const table = DynamoDBDocumentClient.from(new DynamoDBClient(sdkSettings));

/** Made without an endpoint: the SDK reads it from `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`. */
const api = new ApiGatewayManagementApiClient(sdkSettings);

/** How many sends are under way at once: as many as the SDK keeps sockets. */
const concurrency = 50;

/** How long one send may take with the SDK's repeats of it, so that a client that hangs delays no other. */
const sendTimeout = 2_000;

/**
 * A connection answers 410 when it is gone, and likewise until its `$connect` handler has returned. Up to the age of
 * 30 s it may be the latter: the send is tried again for 5 s, and the row stays.
 */
const handshakeAge = 30_000;
const handshakePatience = 5_000;
const handshakePause = 250;

const Event = z.object({ detail: BlogPostUpdated });

/** `BlogPostUpdated`: sends the post to each client that wants it. Throws, after the others, if any send failed. */
export async function handler(event: unknown): Promise<void> {
  const { revision, post } = Event.parse(event).detail;
  logger.setCorrelationId(post.id);
  const message: PostUpdated = { type: 'post.updated', revision, post };
  const data = JSON.stringify(message);
  let failures = 0;
  const fail = (what: string, details: Record<string, unknown>): void => {
    logger.error(what, details);
    failures += 1;
  };
  const pushed = await pMap(
    connectionsFor(post, fail),
    (connection) =>
      push(connection, post, data).catch((error: unknown) =>
        fail('The update could not be sent.', { connectionId: connection.connectionId, error }),
      ),
    { concurrency },
  );
  logger.info('The update is pushed.', { connections: pushed.length, failures });
  if (failures > 0) throw new Error(`The push to ${pushed.length} connections had failures: ${failures}.`);
}

/**
 * The connections in the channels of a post, each once, read page by page as they are taken. A page that cannot be read
 * is the last one, and told to `fail` instead of thrown: the sends under way are still waited for.
 */
async function* connectionsFor(
  post: Post,
  fail: (what: string, details: Record<string, unknown>) => void,
): AsyncGenerator<Connection> {
  const seen = new Set<string>();
  try {
    for (const channel of channelsOf(post)) {
      const pages = paginateQuery(
        { client: table },
        {
          TableName: environment(Environment.connectionsTable),
          KeyConditionExpression: 'channel = :channel',
          ExpressionAttributeValues: { ':channel': channel },
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) {
        for (const connection of z.array(Connection).parse(Items)) {
          if (!seen.has(connection.connectionId)) yield connection;
          seen.add(connection.connectionId);
        }
      }
    }
  } catch (error) {
    fail('The connections could not be read to the end.', { error });
  }
}

function channelsOf({ topic, id }: Post): string[] {
  return [Channel.all, Channel.topic(topic), Channel.post(id)];
}

/** Sends to one connection, or finds that there is nothing to be sent to. Throws what is worth another try. */
async function push({ connectionId, connectedAt }: Connection, post: Post, data: string): Promise<void> {
  const end = Date.now() + handshakePatience;
  for (;;) {
    try {
      await api.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: data }), {
        abortSignal: AbortSignal.timeout(sendTimeout),
      });
      return;
    } catch (error) {
      if (error instanceof PayloadTooLargeException) {
        logger.error('The update is too large for a WebSocket message.', { connectionId, error });
        return;
      }
      if (!(error instanceof GoneException)) throw error;
    }
    if (Date.now() - Date.parse(connectedAt) > handshakeAge) return remove(connectionId, post);
    if (Date.now() > end) return;
    await setTimeout(handshakePause);
  }
}

/** Takes a connection out of each channel in which this push may have found it. */
async function remove(connectionId: string, post: Post): Promise<void> {
  const TableName = environment(Environment.connectionsTable);
  await Promise.all(
    channelsOf(post).map((channel) =>
      table.send(new DeleteCommand({ TableName, Key: { channel, connectionId } })),
    ),
  );
  logger.info('A connection is gone.', { connectionId });
}
