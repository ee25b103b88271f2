import { blogPostCreated, DetailType } from '../../model/events.ts';
import type { CreatedPost } from '../../model/post.ts';
import { markAnnounced } from '../posts/outbox-marker.ts';
import type { Origin } from '../posts/save-post.ts';
import { BlogMetric } from '../runtime/blog-metrics.ts';
import { measure } from '../runtime/metrics.ts';
import { BLOG_BUS } from './environment.ts';
import { busEvent, putEvent } from './event-bus.ts';

/**
 * Thrown if a post is announced but its marker could not be removed, so that the post looks
 * unannounced.
 */
export class MarkerLeft extends Error {}

/**
 * Announces a saved post: puts `BlogPostCreated` on the blog bus, then removes the post's marker.
 * The event is the same at each call for a post, and concurrent calls do no harm.
 * @throws {Error} if a step fails, `MarkerLeft` if it is the second; the post must be announced
 * again
 */
export async function announce(
  post: CreatedPost,
  { url, requestId }: Origin,
  abortSignal?: AbortSignal,
): Promise<void> {
  const event = busEvent(DetailType.blogPostCreated, blogPostCreated(post, url, requestId));
  await putEvent(BLOG_BUS, event, abortSignal);
  measure(BlogMetric.postsAnnounced, 1, 'The post is announced.', {
    correlation_id: post.id,
    request_id: requestId,
  });
  try {
    await markAnnounced(post.id, abortSignal);
  } catch (cause) {
    throw new MarkerLeft('The event is put, but its marker could not be removed, so it will be put again.', {
      cause,
    });
  }
}
