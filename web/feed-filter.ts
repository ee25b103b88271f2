import type { Post } from '../model/post.ts';

/**
 * The posts of a feed: those of a topic, by an author, or that name a person or place. It has one
 * of the fields, or none for all posts.
 */
export interface FeedFilter {
  topic?: string;
  author?: string;
  name?: string;
}

/**
 * Returns a function that tells whether a post names the person or place of a filter, if it has
 * one. The other filters are the API's.
 */
export function isNamed({ name }: FeedFilter): (post: Post) => boolean {
  return ({ entities }) =>
    name === undefined || !!entities?.persons.includes(name) || !!entities?.locations.includes(name);
}
