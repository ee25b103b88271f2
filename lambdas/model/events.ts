import * as z from 'zod/mini';
import { Post } from './post.ts';

/** The `source` of every event of this system. */
export const eventSource = 'blog';

/** The `detail-type` of each event. */
export const DetailType = { blogPostCreated: 'BlogPostCreated', blogPostUpdated: 'BlogPostUpdated' } as const;

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

/** Detail of the event on the WebSocket bus that says: a post has changed in a way that readers see. */
export const BlogPostUpdated = z.object({
  version: z.literal(1),
  /** Of one post, a higher revision is the later state. */
  revision: z.int(),
  post: Post,
});
export type BlogPostUpdated = z.infer<typeof BlogPostUpdated>;

/** Message in the queue of updates that can never be published, by which an operator finds the post. */
export const UnpublishedUpdate = z.object({
  postId: z.string(),
  /** Absent when the stored post has none. */
  revision: z.optional(z.int()),
  reason: z.string(),
});
export type UnpublishedUpdate = z.infer<typeof UnpublishedUpdate>;
