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

/** How many channels a connection may listen to, those of its connect included. */
export const maxSubscriptions = 100;

/** A WebSocket connection. */
export const Connection = z.object({
  connectionId: z.string(),
  /** ISO 8601, UTC. */
  connectedAt: z.iso.datetime(),
});
export type Connection = z.infer<typeof Connection>;

/**
 * An item of the Connections table that pushes are sent by: one WebSocket connection in one channel. The partition key
 * is `channel`, the sort key `connectionId`.
 */
export interface Membership extends Connection {
  channel: string;
  /** When DynamoDB may delete the item (its TTL attribute): seconds since the epoch. */
  expiresAt: number;
}

/**
 * The partition key of the item that a connection has in the same table besides, by which all its memberships are
 * found: its attribute `channels` is the set of their channels.
 */
export function connectionKey(connectionId: string) {
  return { channel: `connection#${connectionId}`, connectionId };
}

/**
 * How long `$connect` may take from its first write on, in milliseconds; past that it refuses the connection. A message
 * to a registered connection is tried for longer, so that none is given up on that is about to open.
 */
export const handshakeLimit = 4_000;
