import * as z from 'zod/mini';
import { Connection } from './connection.ts';
import { EventMetadata, type Issued, postEventId, schemaVersion } from './event-metadata.ts';
import { type CreatedPost, Post, PostId, Revision } from './post.ts';
import type { Tombstone } from './tombstone.ts';

/** The `source` of every event of this system. */
export const eventSource = 'blog';

/** The `detail-type` of each event. */
export const DetailType = {
  blogPostCreated: 'BlogPostCreated',
  blogPostSaved: 'BlogPostSaved',
  blogPostUpdated: 'BlogPostUpdated',
  blogPostRemoved: 'BlogPostRemoved',
  connectionOpened: 'ConnectionOpened',
  connectionsToPush: 'ConnectionsToPush',
} as const;

/** What the details of all events begin with. An event without `metadata` is of an earlier release. */
const envelope = { version: z.literal(1), metadata: z.optional(EventMetadata) };

/** The detail of the event on the blog bus: a post is saved. */
export const BlogPostCreated = z.object({
  ...envelope,
  post: Post,
  /** The announcement as one sentence, which begins the e-mail. */
  summary: z.string(),
  /** The URL at which the post is read. */
  url: z.string(),
});
export type BlogPostCreated = z.infer<typeof BlogPostCreated>;

/**
 * Returns the detail that announces a post that is read at `url`. It is the same at each call for a
 * post.
 * @param requestId the ID of the request that created the post, if it is known
 */
export function blogPostCreated(
  post: CreatedPost,
  url: string,
  requestId: string = post.id,
): Issued<BlogPostCreated> {
  const metadata: EventMetadata = {
    eventId: postEventId(post.id, Revision.created, DetailType.blogPostCreated),
    correlationId: post.id,
    causationId: requestId,
    time: post.createdAt,
    schemaVersion,
  };
  const summary = `New post in ${post.topic}: ${post.title}, by ${post.author}`;
  return { version: 1, metadata, post, summary, url };
}

/** The detail of the event on the WebSocket bus: a new post is in the table, announced or not. */
export const BlogPostSaved = z.object({
  ...envelope,
  revision: z.literal(Revision.created),
  post: Post,
});
export type BlogPostSaved = z.infer<typeof BlogPostSaved>;

/**
 * Returns the detail that reports a new post in the table. It is the same at each call for a post.
 * Its cause is the request, as that of `BlogPostCreated` is.
 * @param requestId the ID of the request that created the post, if it is known
 */
export function blogPostSaved(post: Post, requestId: string = post.id): Issued<BlogPostSaved> {
  const { id } = post;
  const metadata: EventMetadata = {
    eventId: postEventId(id, Revision.created, DetailType.blogPostSaved),
    correlationId: id,
    causationId: requestId,
    time: post.createdAt,
    schemaVersion,
  };
  return { version: 1, metadata, revision: Revision.created, post };
}

/** The detail of the event on the WebSocket bus: a post has changed in a way that readers see. */
export const BlogPostUpdated = z.object({
  ...envelope,
  /** A higher revision of the same post is a later state. */
  revision: z.int(),
  post: Post,
});
export type BlogPostUpdated = z.infer<typeof BlogPostUpdated>;

/**
 * Returns the detail that reports a change of a post. It is the same at each call for a revision.
 * @param updatedAt when the post changed: ISO 8601, UTC
 */
export function blogPostUpdated(
  { revision, post }: Pick<BlogPostUpdated, 'revision' | 'post'>,
  updatedAt: string,
): Issued<BlogPostUpdated> {
  const { id } = post;
  const metadata: EventMetadata = {
    eventId: postEventId(id, revision, DetailType.blogPostUpdated),
    correlationId: id,
    // No event causes a later change: an operator makes it.
    causationId:
      revision === Revision.enriched ? postEventId(id, Revision.created, DetailType.blogPostCreated) : id,
    time: updatedAt,
    schemaVersion,
  };
  return { version: 1, metadata, revision, post };
}

/** The detail of the event on the WebSocket bus: an operator has removed a post. */
export const BlogPostRemoved = z.object({
  ...envelope,
  /** Above each revision of the post. */
  revision: z.int(),
  postId: PostId,
  topic: z.string(),
});
export type BlogPostRemoved = z.infer<typeof BlogPostRemoved>;

/** Returns the detail that reports the removal of a post. It is the same at each call for a tombstone. */
export function blogPostRemoved({
  id,
  topic,
  revision,
  removalId,
  updatedAt,
}: Omit<Tombstone, 'expiresAt'>): Issued<BlogPostRemoved> {
  const metadata: EventMetadata = {
    eventId: postEventId(id, revision, DetailType.blogPostRemoved),
    correlationId: id,
    causationId: removalId,
    time: updatedAt,
    schemaVersion,
  };
  return { version: 1, metadata, revision, postId: id, topic };
}

/**
 * The detail of the event on the WebSocket bus: a client that watches a post is registered and
 * connecting.
 */
export const ConnectionOpened = z.object({ ...envelope, connectionId: z.string(), postId: PostId });
export type ConnectionOpened = z.infer<typeof ConnectionOpened>;

/**
 * Returns the detail that reports the connection of a client that watches a post.
 * @param requestId the ID of the request that connects
 */
export function connectionOpened(
  { connectionId, connectedAt }: Connection,
  postId: string,
  requestId: string = connectionId,
): Issued<ConnectionOpened> {
  const metadata: EventMetadata = {
    eventId: `${connectionId}:${DetailType.connectionOpened}`,
    correlationId: connectionId,
    causationId: requestId,
    time: connectedAt,
    schemaVersion,
  };
  return { version: 1, metadata, connectionId, postId };
}

/** The maximum number of connections in one `ConnectionsToPush`. */
export const connectionsPerEvent = 500;

/** A connection to which the state of a post is to be sent. */
export const ConnectionToPush = z.object({
  ...Connection.shape,
  /**
   * The number of sends of this state to the connection that have timed out in a row while others
   * received it; 0 if absent.
   */
  timeouts: z.optional(z.int().check(z.minimum(0))),
});
export type ConnectionToPush = z.infer<typeof ConnectionToPush>;

/**
 * The detail of the event on the WebSocket bus: the state of a post is to be sent to these
 * connections.
 */
export const ConnectionsToPush = z.object({
  ...envelope,
  postId: PostId,
  /**
   * The number of the attempt to send to these connections, 1 if absent. From 2 on, the earlier
   * attempts have failed for these connections, and succeeded for others.
   */
  attempt: z.optional(z.int().check(z.minimum(1))),
  /**
   * The only revision that is to be sent: a later one has its own push to these connections. If
   * absent, any.
   */
  revision: z.optional(z.int()),
  connections: z.array(ConnectionToPush),
});
export type ConnectionsToPush = z.infer<typeof ConnectionsToPush>;

/**
 * A message in the queue of updates that can never be published, by which an operator finds the
 * post.
 */
export const UnpublishedUpdate = z.object({
  postId: z.string(),
  /** The stored post's revision, if it has one; any number. */
  revision: z.optional(z.number()),
  reason: z.string(),
});
export type UnpublishedUpdate = z.infer<typeof UnpublishedUpdate>;
