import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { Connection, channelsOf } from './model/connection.ts';
import { BlogPostUpdated } from './model/events.ts';
import type { Post } from './model/post.ts';
import { postSender } from './post-sender.ts';
import { readPost } from './read-post.ts';
import { table } from './table-client.ts';

/** How many sends are under way at once: as many as the SDK keeps sockets. */
const concurrency = 50;

const Event = z.object({ detail: BlogPostUpdated });

/**
 * `BlogPostUpdated`: sends the post, in the state that it has by now, to each client that wants it. Throws, after the
 * others, if any send failed.
 */
export async function handler(event: unknown): Promise<void> {
  const { id } = Event.parse(event).detail.post;
  logger.setCorrelationId(id);
  const state = await readPost(id);
  if (!state) {
    logger.info('The post is deleted.');
    return;
  }
  const send = postSender(state);
  let failures = 0;
  const fail = (what: string, details: Record<string, unknown>): void => {
    logger.error(what, details);
    failures += 1;
  };
  const pushed = await pMap(
    connectionsFor(state.post, fail),
    (connection) =>
      send(connection).catch((error: unknown) =>
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
