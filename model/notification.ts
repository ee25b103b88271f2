import * as z from 'zod/mini';
import { BlogPostCreated } from './events.ts';
import { Post } from './post.ts';

/** The message on the SNS topic that announces a new post. */
export const Notification = z.object({
  message: BlogPostCreated.shape.summary,
  /** The post on the web page, if there is one. */
  page: z.optional(z.string()),
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
 * Returns the text of an e-mail. It begins with a sentence and a link for readers; subscriptions
 * filter by `topic`.
 * @param pageUrl the URL of the web page, without a slash at the end; without it, the text has no
 * link to the page
 */
export function notification({ summary, url, post }: Detail, pageUrl: string | undefined): Notification {
  const { topic, title, author, id, createdAt } = post;
  const page = pageUrl === undefined ? {} : { page: `${pageUrl}/p/${id}` };
  return { message: summary, ...page, url, topic, title, author, id, createdAt };
}
