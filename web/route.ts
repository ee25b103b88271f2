import { PostId, Topic } from '../model/post.ts';

/** What the page shows: the feed, of one topic if one is given; a post; or that there is nothing to show. */
export type Route = { view: 'feed'; topic?: string } | { view: 'post'; id: string } | { view: 'not-found' };

/** The route of a URL of this page. What cannot be a topic or the id of a post is not found, without asking the API. */
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

/** The path of the feed, of one topic if one is given. */
export function feedPath(topic?: string): string {
  return topic === undefined ? '/' : `/?${new URLSearchParams({ topic })}`;
}

/** The path of a post's page. */
export function postPath(id: string): string {
  return `/p/${encodeURIComponent(id)}`;
}
