import * as z from 'zod/mini';
import { Post, PostId } from './post.ts';

/** From a WebSocket client: asks for a `Pong`, which also keeps the connection from being closed as idle. */
export const Ping = z.object({ action: z.literal('ping') });

/** From a WebSocket client: asks for the state of a post, and for every update of it from now on. */
export const Subscribe = z.object({ action: z.literal('subscribe'), postId: PostId });

/** Whatever a WebSocket client may send. */
export const ClientMessage = z.discriminatedUnion(
  'action',
  [Ping, Subscribe],
  'must be "ping" or "subscribe"',
);

/** To a WebSocket client: the answer to a `Ping`. */
export const Pong = z.object({ type: z.literal('pong') });
export type Pong = z.infer<typeof Pong>;

/** To a WebSocket client: the answer to a `Subscribe`, with the state of the post if there is one. */
export const Subscribed = z.object({
  type: z.literal('subscribed'),
  postId: PostId,
  revision: z.optional(z.int()),
  post: z.optional(Post),
});
export type Subscribed = z.infer<typeof Subscribed>;

/** To a WebSocket client: its last message was not understood, and why. The connection stays open. */
export const ErrorMessage = z.object({ type: z.literal('error'), message: z.string() });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

/** To a WebSocket client: the state of a post. A client ignores a revision not above the last it saw of that post. */
export const PostUpdated = z.object({ type: z.literal('post.updated'), revision: z.int(), post: Post });
export type PostUpdated = z.infer<typeof PostUpdated>;
