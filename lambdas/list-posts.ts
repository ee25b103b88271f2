import * as z from 'zod/mini';
import { type Post, type PostPage, PostQuery } from '../model/post.ts';
import { jsonAnswer } from './http/http-answer.ts';
import { httpHandler, orUnavailable } from './http/http-handler.ts';
import { parseFields } from './http/request-fields.ts';
import { cursorBehind, positionIn } from './posts/page-cursor.ts';
import { type Feed, feedOf, feedStart, readFeed } from './posts/post-feed.ts';
import { readPosts } from './posts/read-posts.ts';
import { logger } from './runtime/logger.ts';

/**
 * The fields of an API Gateway REST API event that the handler uses. If a parameter is repeated,
 * the event contains its last value.
 */
const Event = z.object({
  queryStringParameters: z.nullable(z.record(z.string(), z.string())),
  requestContext: z.object({ requestId: z.string() }),
});

const Query = PostQuery.check(
  z.refine(({ cursor, ...filter }) => cursor === undefined || !!positionIn(feedOf(filter), cursor), {
    path: ['cursor'],
    message: 'must be the nextCursor of a response to the same query',
    // Runs even if another field is invalid, because the response lists all invalid fields.
    when: () => true,
  }),
);

/**
 * The maximum size in bytes of the posts of a page, as they are in the function's response: JSON
 * within JSON. Lambda allows a response of 6 MB ("Lambda quotas"), and 100 posts could take 20 MB.
 */
const maxPageBytes = 4_000_000;

/**
 * Handles `GET /posts`: answers with a page of posts, newest first, of all posts or of one topic or
 * author. The list comes from an index, which lags behind the table by moments; the state of each
 * post is current. Unknown parameters are ignored. A page may have fewer posts than `limit`; it is
 * the last if it has no `nextCursor`.
 */
export const handler = httpHandler(Event, async ({ queryStringParameters, requestContext }) => {
  logger.setCorrelationId(requestContext.requestId);
  const { cursor, limit, ...filter } = parseFields(Query, queryStringParameters ?? {});
  const feed = feedOf(filter);
  const start = (cursor !== undefined && positionIn(feed, cursor)) || feedStart;
  const page = await orUnavailable(readPage(feed, start, limit), 'The posts could not be read.');
  return jsonAnswer(200, page, { 'Cache-Control': 'no-cache' });
});

/**
 * Reads a page. The page ends before a post that the table did not return, and before
 * `maxPageBytes`.
 */
async function readPage(feed: Feed, start: string, limit: number): Promise<PostPage> {
  // An entry beyond the page shows that there is another page.
  const entries = await readFeed(feed, start, limit + 1);
  const onPage = entries.slice(0, limit);
  const stored = await readPosts(onPage.map(({ id }) => id));
  const posts: Post[] = [];
  let bytes = 0;
  let end = start;
  for (const { id, feedPosition } of onPage) {
    if (!stored.has(id)) break;
    const post = stored.get(id);
    if (post) {
      bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(post)));
      if (bytes > maxPageBytes) break;
      posts.push(post);
    }
    end = feedPosition;
  }
  const isLast = end === (entries.at(-1)?.feedPosition ?? start);
  return isLast ? { posts } : { posts, nextCursor: cursorBehind(end, feed) };
}
