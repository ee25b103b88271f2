import * as z from 'zod/mini';
import { Post, PostId, Revision, Topic } from './post.ts';

/** From a WebSocket client: asks for a `Pong`. It also keeps an idle connection open. */
export const Ping = z.object({ action: z.literal('ping') });

const subject = { postId: z.optional(PostId), topic: z.optional(Topic) };

/** With `created`, the client also receives new posts, before their enrichment. */
const from = z.optional(z.literal('created', 'must be "created"'));

/** A client can know the ID of a post only once the post is created. */
const fromWithoutPost = z.refine<{ postId?: unknown; topic?: unknown; from?: unknown }>(
  ({ postId, topic, from }) => from === undefined || postId === undefined || topic !== undefined,
  { path: ['from'], error: 'must not be given for a post' },
);

/**
 * The query parameters of a WebSocket connect. With neither `postId` nor `topic`, the client
 * receives the updates of every post.
 */
export const Interest = z.object({ ...subject, from }).check(fromWithoutPost);
export type Interest = z.infer<typeof Interest>;

const oneSubject = z.refine<{ postId?: string | undefined; topic?: string | undefined }>(
  ({ postId, topic }) => (postId === undefined) !== (topic === undefined),
  { path: ['postId'], error: 'or topic must be given, and not both' },
);

/**
 * From a WebSocket client: asks for the current state and all further updates of a post, or for all
 * further updates of the posts of a topic. Exactly one of the two is given.
 */
export const Subscribe = z
  .object({ action: z.literal('subscribe'), ...subject, from })
  .check(oneSubject, fromWithoutPost);
export type Subscribe = z.infer<typeof Subscribe>;

/**
 * From a WebSocket client: ends the subscription that a `Subscribe` or the connect began, whether
 * it was for new posts too or not.
 */
export const Unsubscribe = z.object({ action: z.literal('unsubscribe'), ...subject }).check(oneSubject);
export type Unsubscribe = z.infer<typeof Unsubscribe>;

/** Any message of a WebSocket client. */
export const ClientMessage = z.discriminatedUnion(
  'action',
  [Ping, Subscribe, Unsubscribe],
  'must be "ping", "subscribe" or "unsubscribe"',
);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** To a WebSocket client: the response to a `Ping`. */
export const Pong = z.object({ type: z.literal('pong') });
export type Pong = z.infer<typeof Pong>;

/**
 * To a WebSocket client: the response to a `Subscribe` to a post, with the state of the post if it
 * exists.
 */
export const SubscribedToPost = z.object({
  type: z.literal('subscribed'),
  postId: PostId,
  revision: z.optional(z.int()),
  post: z.optional(Post),
  /** True if the post was removed in the last day. */
  removed: z.optional(z.literal(true)),
});
export type SubscribedToPost = z.infer<typeof SubscribedToPost>;

/** To a WebSocket client: the response to a `Subscribe`. */
export const Subscribed = z.union([
  SubscribedToPost,
  z.object({ type: z.literal('subscribed'), topic: Topic, from }),
]);
export type Subscribed = z.infer<typeof Subscribed>;

/**
 * To a WebSocket client: the response to an `Unsubscribe`, even if there was no such subscription.
 */
export const Unsubscribed = z.union([
  z.object({ type: z.literal('unsubscribed'), postId: PostId }),
  z.object({ type: z.literal('unsubscribed'), topic: Topic }),
]);
export type Unsubscribed = z.infer<typeof Unsubscribed>;

/** To a WebSocket client: the reason why its last message failed. The connection stays open. */
export const ErrorMessage = z.object({ type: z.literal('error'), message: z.string() });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

/**
 * To a WebSocket client that asked for posts from their creation on: a new post. Clients ignore it
 * if they have received any state of that post, as they ignore other revisions.
 */
export const PostCreated = z.object({
  type: z.literal('post.created'),
  revision: z.literal(Revision.created),
  post: Post,
});
export type PostCreated = z.infer<typeof PostCreated>;

/**
 * To a WebSocket client: the state of a changed post. Clients ignore a revision that is not above
 * the last one of that post.
 */
export const PostUpdated = z.object({ type: z.literal('post.updated'), revision: z.int(), post: Post });
export type PostUpdated = z.infer<typeof PostUpdated>;

/**
 * To a WebSocket client: a post was removed. Clients ignore each later message about it, which
 * was overtaken on its way.
 */
export const PostRemoved = z.object({ type: z.literal('post.removed'), postId: PostId });
export type PostRemoved = z.infer<typeof PostRemoved>;

/** Any message to a WebSocket client. */
export const ServerMessage = z.union([
  Pong,
  Subscribed,
  Unsubscribed,
  ErrorMessage,
  PostCreated,
  PostUpdated,
  PostRemoved,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
