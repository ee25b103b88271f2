import { setTimeout } from 'node:timers/promises';
import { BatchGetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Post, type PostPage, PostQuery } from '../model/post.ts';
import { jsonAnswer } from './http/http-answer.ts';
import { httpHandler, orUnavailable } from './http/http-handler.ts';
import { parseFields } from './http/request-fields.ts';
import { cursorBehind, positionIn } from './posts/page-cursor.ts';
import { type Feed, FeedKeys, feedOf } from './posts/post-feed.ts';
import { Environment, environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { table } from './runtime/table-client.ts';

/** The parts used of an event of an API Gateway REST API. Of a parameter that is repeated it has the last here. */
const Event = z.object({
  queryStringParameters: z.nullable(z.record(z.string(), z.string())),
  requestContext: z.object({ requestId: z.string() }),
});

const Query = PostQuery.check(
  z.refine(({ cursor, ...filter }) => cursor === undefined || !!positionIn(feedOf(filter), cursor), {
    path: ['cursor'],
    message: 'must be the nextCursor of an answer to this very query',
    // Also when another field is not valid: all are told at once.
    when: () => true,
  }),
);

/** A post in a feed. */
const Entry = z.object({ id: z.string(), feedPosition: FeedKeys.shape.feedPosition });
type Entry = z.infer<typeof Entry>;

/** Comes after each position that there is: these begin with a year. */
const afterAll = '~';

/**
 * The bytes that the posts of a page take at most, each as it is in the function's answer, JSON within JSON: Lambda lets
 * an answer have 6 MB ("Lambda quotas"), and 100 posts could have 20.
 */
const maxPageBytes = 4_000_000;

/** How often the table is asked again when it has given nothing, and after how long, in milliseconds. */
const retries = 1;
const pause = 200;

/**
 * `GET /posts`: a page of posts, newest first, of all posts or those of one topic or author, as they are stored now. Which
 * posts there are is read from an index, which lags behind the table by moments. Parameters that are not known are ignored.
 * A page may have fewer posts than `limit`, and there is another as long as it has a `nextCursor`.
 */
export const handler = httpHandler(Event, async ({ queryStringParameters, requestContext }) => {
  logger.setCorrelationId(requestContext.requestId);
  const { cursor, limit, ...filter } = parseFields(Query, queryStringParameters ?? {});
  const feed = feedOf(filter);
  const before = cursor === undefined ? undefined : positionIn(feed, cursor);
  const page = await orUnavailable(readPage(feed, before ?? afterAll, limit), 'The posts could not be read.');
  return jsonAnswer(200, page, { 'Cache-Control': 'no-cache' });
});

async function readPage(feed: Feed, before: string, limit: number): Promise<PostPage> {
  // One more than the page has, to know whether there is another page.
  const entries = await readFeed(feed, before, limit + 1);
  const { posts: stored, missing } = await readPosts(entries.slice(0, limit).map(({ id }) => id));
  const posts: Post[] = [];
  let bytes = 0;
  let end = before;
  for (const { id, feedPosition } of entries.slice(0, limit)) {
    if (missing.includes(id)) break;
    // None if it has been deleted meanwhile.
    const post = stored.get(id);
    if (post) {
      bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(post)));
      if (bytes > maxPageBytes) break;
      posts.push(post);
    }
    end = feedPosition;
  }
  const isLast = end === (entries.at(-1)?.feedPosition ?? before);
  return isLast ? { posts } : { posts, nextCursor: cursorBehind(end, feed) };
}

/** The newest posts of a feed before a position, `count` or all that there are: the newest of each shard, merged. */
async function readFeed(feed: Feed, before: string, count: number): Promise<Entry[]> {
  const shards = await Promise.all(
    feed.partitions.map((partition) => readPartition(feed, partition, before, count)),
  );
  return shards
    .flat()
    .sort((one, other) => (one.feedPosition < other.feedPosition ? 1 : -1))
    .slice(0, count);
}

async function readPartition(
  { indexName, partitionKey }: Feed,
  partition: string,
  before: string,
  count: number,
): Promise<Entry[]> {
  const pages = paginateQuery(
    { client: table, pageSize: count },
    {
      TableName: environment(Environment.postsTable),
      IndexName: indexName,
      KeyConditionExpression: `${partitionKey} = :partition AND feedPosition < :before`,
      ExpressionAttributeValues: { ':partition': partition, ':before': before },
      ScanIndexForward: false,
    },
  );
  const entries: Entry[] = [];
  for await (const { Items = [] } of pages) {
    entries.push(...z.array(Entry).parse(Items));
    if (entries.length >= count) break;
  }
  return entries;
}

/**
 * Reads up to 100 posts consistently, so that none is missing that an index has. The table gives them part by part, in no
 * order (Amazon DynamoDB API Reference, "BatchGetItem": no more than 1 MB of a partition at once), and is asked for the
 * rest as long as it gives something. What is stored and is not a post is logged, and left out: it would spoil each page
 * that it is on.
 * @returns the posts that there are, by id, and the ids of those that the table did not give, which is logged
 * @throws {Error} when it did not give even the first, because the reads of this second are used up, or it cannot be reached
 */
async function readPosts(ids: string[]): Promise<{ posts: Map<string, Post>; missing: string[] }> {
  const TableName = environment(Environment.postsTable);
  const posts = new Map<string, Post>();
  const [first = ''] = ids;
  let missing = ids;
  try {
    for (let idle = 0; missing.length > 0; ) {
      if (idle > retries) throw new Error(`The table did not give ${missing.length} of ${ids.length} posts.`);
      if (idle > 0) await setTimeout(pause);
      const Keys = missing.map((id) => ({ id }));
      const { Responses, UnprocessedKeys } = await table.send(
        new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[TableName] ?? []) {
        const { data: post, error } = Post.safeParse(item);
        if (post) posts.set(post.id, post);
        else
          logger.error('A stored post is left out: it cannot be read.', { error, correlation_id: item.id });
      }
      const left = new Set<unknown>(UnprocessedKeys?.[TableName]?.Keys?.map(({ id }) => id));
      idle = left.size < missing.length ? 0 : idle + 1;
      missing = missing.filter((id) => left.has(id));
    }
  } catch (error) {
    if (missing.includes(first)) throw error;
    logger.warn('The page ends early.', { error });
  }
  return { posts, missing };
}
