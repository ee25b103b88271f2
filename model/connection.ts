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
 * Returns the key of a connection's own item in the Connections table. The other items of the table
 * are memberships, one for each channel of a connection.
 */
export function connectionKey(connectionId: string) {
  return { channel: `connection#${connectionId}`, connectionId };
}

/**
 * How long `$connect` may take from its first write on, in milliseconds; past that it refuses the connection. A message
 * to a registered connection is tried for longer, so that none is given up on that is about to open.
 */
export const handshakeLimit = 4_000;
