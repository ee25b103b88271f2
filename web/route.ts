import { PostId, Topic } from '../model/post.ts';

/**
 * A view of the page: the feed, of one topic if it is given, a post, or the note that there is
 * nothing to show.
 */
export type Route = { view: 'feed'; topic?: string } | { view: 'post'; id: string } | { view: 'not-found' };

/**
 * Returns the route of a URL. A topic or ID that cannot exist is not found, without a request to
 * the API.
 */
export function routeOf({ pathname, searchParams }: URL): Route {
  if (pathname === '/') {
    const named = searchParams.get('topic');
    if (named === null) return { view: 'feed' };
    const topic = Topic.safeParse(named);
    return topic.success ? { view: 'feed', topic: topic.data } : { view: 'not-found' };
  }
  const id = PostId.safeParse(/^\/p\/([^/]+)\/?$/.exec(pathname)?.[1]);
  return id.success ? { view: 'post', id: id.data } : { view: 'not-found' };
}

/** Returns the path of the feed, of one topic if it is given. */
export function feedPath(topic?: string): string {
  return topic === undefined ? '/' : `/?${new URLSearchParams({ topic })}`;
}

/** Returns the path of a post's page. */
export function postPath(id: string): string {
  return `/p/${encodeURIComponent(id)}`;
}
