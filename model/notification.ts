import * as z from 'zod/mini';
import { BlogPostCreated } from './events.ts';
import { Post } from './post.ts';

/** The message on the SNS topic that announces a new post. */
export const Notification = z.object({
  message: BlogPostCreated.shape.summary,
  url: BlogPostCreated.shape.url,
  ...z.pick(Post, { topic: true, title: true, author: true, id: true, createdAt: true }).shape,
});
export type Notification = z.infer<typeof Notification>;

/**
 * The parts used of the detail of `BlogPostCreated`: values of one event, or paths into any event.
 */
type Detail = Pick<BlogPostCreated, 'summary' | 'url'> & {
  post: Pick<BlogPostCreated['post'], 'topic' | 'title' | 'author' | 'id' | 'createdAt'>;
};

/**
 * Returns the text of an e-mail. It begins with a sentence for readers; subscriptions filter by
 * `topic`.
 */
export function notification({ summary, url, post }: Detail): Notification {
  const { topic, title, author, id, createdAt } = post;
  return { message: summary, url, topic, title, author, id, createdAt };
}
