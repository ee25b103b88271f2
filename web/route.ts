import * as z from 'zod/mini';
import { NewPost, PostId, Topic } from '../model/post.ts';
import type { FeedFilter } from './feed-filter.ts';

/** A view of the page: a feed, a post, or the note that there is nothing to show. */
export type Route =
  | { view: 'feed'; filter: FeedFilter }
  | { view: 'post'; id: string }
  | { view: 'not-found' };

const Name = z.string().check(z.minLength(1));

/**
 * Returns the route of a URL. A topic, author or ID that cannot exist is not found, without a
 * request to the API.
 */
export function routeOf({ pathname, searchParams }: URL): Route {
  if (pathname === '/') {
    const filter = filterOf(searchParams);
    return filter ? { view: 'feed', filter } : { view: 'not-found' };
  }
  const id = PostId.safeParse(/^\/p\/([^/]+)\/?$/.exec(pathname)?.[1]);
  return id.success ? { view: 'post', id: id.data } : { view: 'not-found' };
}

/**
 * Returns the filter of a query, or `undefined` if it is invalid. Unknown parameters are ignored.
 */
function filterOf(parameters: URLSearchParams): FeedFilter | undefined {
  const named = ['topic', 'author', 'name'].filter((name) => parameters.has(name));
  if (named.length > 1) return undefined;
  const value = parameters.get(named[0] ?? '');
  const topic = named[0] === 'topic' ? Topic.safeParse(value) : undefined;
  const author = named[0] === 'author' ? NewPost.shape.author.safeParse(value) : undefined;
  const name = named[0] === 'name' ? Name.safeParse(value) : undefined;
  if (topic?.success) return { topic: topic.data };
  if (author?.success) return { author: author.data };
  if (name?.success) return { name: name.data };
  return named.length === 0 ? {} : undefined;
}

/** Returns the path of a feed. */
export function feedPath(filter: FeedFilter = {}): string {
  const query = String(new URLSearchParams(Object.entries(filter)));
  return query === '' ? '/' : `/?${query}`;
}

/** Returns the path of a post's page. */
export function postPath(id: string): string {
  return `/p/${encodeURIComponent(id)}`;
}
