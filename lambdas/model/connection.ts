import * as z from 'zod/mini';
import type { Post } from './post.ts';

/** The channels whose messages a connection gets. */
export const Channel = {
  /** Every post. */
  all: 'all',
  topic: (topic: string) => `topic#${topic}`,
  post: (id: string) => `post#${id}`,
};

/** The channels whose connections are sent a post. */
export function channelsOf({ topic, id }: Post): string[] {
  return [Channel.all, Channel.topic(topic), Channel.post(id)];
}

/**
 * A row of the Connections table: one WebSocket connection in one channel. The partition key is `channel`, the sort
 * key `connectionId`.
 */
export const Connection = z.object({
  channel: z.string(),
  connectionId: z.string(),
  /** ISO 8601, UTC. */
  connectedAt: z.iso.datetime(),
  /** When DynamoDB may delete the row (its TTL attribute): seconds since the epoch. */
  expiresAt: z.int(),
});
export type Connection = z.infer<typeof Connection>;

/** The index of the Connections table that finds the channels of a connection: keys `connectionId`, `channel`. */
export const connectionIndex = 'byConnection';

/**
 * How long `$connect` may take from its first row on, in milliseconds; past that it refuses the connection. A message
 * to a registered connection is tried for longer, so that none is given up on that is about to open.
 */
export const handshakeLimit = 4_000;
