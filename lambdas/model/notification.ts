import type { BlogPostCreated } from './events.ts';

/** The parts used of the detail of `BlogPostCreated`: of one event, or paths into any. */
type Detail = Pick<BlogPostCreated, 'summary' | 'url'> & {
  post: Pick<BlogPostCreated['post'], 'topic' | 'title' | 'author' | 'id' | 'createdAt'>;
};

/**
 * The message on the SNS topic that a new post is announced by, which is the e-mail's text. The sentence comes first,
 * for people; subscriptions filter by `topic`.
 */
export function notification({ summary, url, post: { topic, title, author, id, createdAt } }: Detail) {
  return { message: summary, url, topic, title, author, id, createdAt };
}
