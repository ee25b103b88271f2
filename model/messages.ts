import * as z from 'zod/mini';
import { Post, PostId, Topic } from './post.ts';

/** From a WebSocket client: asks for a `Pong`, which also keeps the connection from being closed as idle. */
export const Ping = z.object({ action: z.literal('ping') });

const subject = { postId: z.optional(PostId), topic: z.optional(Topic) };

/** The query of a WebSocket client's connect: what it asks for; every post's updates when neither is named. */
export const Interest = z.object(subject);
export type Interest = z.infer<typeof Interest>;

const oneSubject = z.refine<{ postId?: string | undefined; topic?: string | undefined }>(
  ({ postId, topic }) => (postId === undefined) !== (topic === undefined),
  { path: ['postId'], error: 'or topic must be given, and not both' },
);

/**
 * From a WebSocket client: asks for every update of a post from now on, and for the state that it has; or for every
 * update of the posts of a topic. Exactly one of the two is given.
 */
export const Subscribe = z.object({ action: z.literal('subscribe'), ...subject }).check(oneSubject);
export type Subscribe = z.infer<typeof Subscribe>;

/** From a WebSocket client: ends what a `Subscribe` with the same `postId` or `topic`, or the connect, began. */
export const Unsubscribe = z.object({ action: z.literal('unsubscribe'), ...subject }).check(oneSubject);
export type Unsubscribe = z.infer<typeof Unsubscribe>;

/** Whatever a WebSocket client may send. */
export const ClientMessage = z.discriminatedUnion(
  'action',
  [Ping, Subscribe, Unsubscribe],
  'must be "ping", "subscribe" or "unsubscribe"',
);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** To a WebSocket client: the answer to a `Ping`. */
export const Pong = z.object({ type: z.literal('pong') });
export type Pong = z.infer<typeof Pong>;

/** To a WebSocket client: the answer to a `Subscribe` to a post, with the state that it has if there is one. */
export const SubscribedToPost = z.object({
  type: z.literal('subscribed'),
  postId: PostId,
  revision: z.optional(z.int()),
  post: z.optional(Post),
});
export type SubscribedToPost = z.infer<typeof SubscribedToPost>;

/** To a WebSocket client: the answer to a `Subscribe`. */
export const Subscribed = z.union([
  SubscribedToPost,
  z.object({ type: z.literal('subscribed'), topic: Topic }),
]);
export type Subscribed = z.infer<typeof Subscribed>;

/** To a WebSocket client: the answer to an `Unsubscribe`, whether or not there was such a subscription. */
export const Unsubscribed = z.union([
  z.object({ type: z.literal('unsubscribed'), postId: PostId }),
  z.object({ type: z.literal('unsubscribed'), topic: Topic }),
]);
export type Unsubscribed = z.infer<typeof Unsubscribed>;

/** To a WebSocket client: its last message could not be followed, and why. The connection stays open. */
export const ErrorMessage = z.object({ type: z.literal('error'), message: z.string() });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

/** To a WebSocket client: the state of a post. A client ignores a revision not above the last it saw of that post. */
export const PostUpdated = z.object({ type: z.literal('post.updated'), revision: z.int(), post: Post });
export type PostUpdated = z.infer<typeof PostUpdated>;

/** Whatever a WebSocket client is sent. */
export const ServerMessage = z.union([Pong, Subscribed, Unsubscribed, ErrorMessage, PostUpdated]);
export type ServerMessage = z.infer<typeof ServerMessage>;
