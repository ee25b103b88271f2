import * as z from 'zod/mini';
import type { Post } from './post.ts';

/** The names of the channels to which connections listen. */
export const Channel = {
  /** Every post. */
  all: 'all',
  topic: (topic: string) => `topic#${topic}`,
  post: (id: string) => `post#${id}`,
  /** The new posts of another channel. */
  created: (channel: string) => `created#${channel}`,
};

/** Returns the channels whose connections receive the changes of a post. */
export function channelsOf({ topic, id }: Pick<Post, 'topic' | 'id'>): string[] {
  return [Channel.all, Channel.topic(topic), Channel.post(id)];
}

/** Returns the channels whose connections receive a post when it is created. */
export function channelsOfNew({ topic }: Pick<Post, 'topic'>): string[] {
  return [Channel.all, Channel.topic(topic)].map(Channel.created);
}

/** The maximum number of channels of a connection, those of its connect included. */
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
 * The time in milliseconds, from its first write, after which `$connect` refuses the connection. A
 * message to a registered connection is retried for longer, so that no opening connection misses
 * it.
 */
export const handshakeLimit = 4_000;
