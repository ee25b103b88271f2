import * as z from 'zod/mini';
import { Connection } from './connection.ts';
import { type CreatedPost, Post, PostId } from './post.ts';

/** The `source` of every event of this system. */
export const eventSource = 'blog';

/** The `detail-type` of each event. */
export const DetailType = {
  blogPostCreated: 'BlogPostCreated',
  blogPostUpdated: 'BlogPostUpdated',
  connectionOpened: 'ConnectionOpened',
  connectionsToPush: 'ConnectionsToPush',
} as const;

/** Detail of the event on the blog bus that says: a post has been saved. */
export const BlogPostCreated = z.object({
  version: z.literal(1),
  post: Post,
  /** The news as one sentence, with which the e-mail begins. */
  summary: z.string(),
  /** Where the post is read. */
  url: z.string(),
});
export type BlogPostCreated = z.infer<typeof BlogPostCreated>;

/** The event that announces a post, always the same for the same post. `url` is where the post is read. */
export function blogPostCreated(post: CreatedPost, url: string): BlogPostCreated {
  const summary = `New post in ${post.topic}: ${post.title}, by ${post.author}`;
  return { version: 1, post, summary, url };
}

/** Detail of the event on the WebSocket bus that says: a post has changed in a way that readers see. */
export const BlogPostUpdated = z.object({
  version: z.literal(1),
  /** Of one post, a higher revision is the later state. */
  revision: z.int(),
  post: Post,
});
export type BlogPostUpdated = z.infer<typeof BlogPostUpdated>;

/** Detail of the event on the WebSocket bus that says: a client that watches a post is registered, and connecting. */
export const ConnectionOpened = z.object({ version: z.literal(1), connectionId: z.string(), postId: PostId });
export type ConnectionOpened = z.infer<typeof ConnectionOpened>;

/** How many connections one `ConnectionsToPush` names at most. */
export const connectionsPerEvent = 500;

/** Detail of the event on the WebSocket bus that says: these connections are to be sent the state of a post. */
export const ConnectionsToPush = z.object({
  version: z.literal(1),
  postId: PostId,
  connections: z.array(Connection),
});
export type ConnectionsToPush = z.infer<typeof ConnectionsToPush>;

/** Message in the queue of updates that can never be published, by which an operator finds the post. */
export const UnpublishedUpdate = z.object({
  postId: z.string(),
  /** Whatever number the stored post has, if it has one. */
  revision: z.optional(z.number()),
  reason: z.string(),
});
export type UnpublishedUpdate = z.infer<typeof UnpublishedUpdate>;
