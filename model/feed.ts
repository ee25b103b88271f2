import * as z from 'zod/mini';
import type { CreatedPost, PostQuery } from './post.ts';

/**
 * The lists in which posts are read, newest first: of all posts, of a topic, of an author. Each is an index of the Posts
 * table; the sort key of all three is `feedPosition`.
 */
export const feedIndexes = {
  all: { indexName: 'byTime', partitionKey: 'feedShard' },
  topic: { indexName: 'byTopic', partitionKey: 'topicShard' },
  author: { indexName: 'byAuthor', partitionKey: 'authorShard' },
} as const;

/**
 * A feed is spread over as many partitions. A partition of an index takes 1,000 writes a second, and the table is written
 * at least three times a post: 4 take more posts than the table's maximum of 7,500 write units allows.
 */
const shards = [0, 1, 2, 3];

/** The shard is the last part, so that a `#` in a name makes it no other's. */
const partition = (name: string, shard: number) => `${name}#${shard}`;

/** What a stored post has besides, for as long as there is the post: the keys by which the feeds have it. */
export const FeedKeys = z.object({
  /** The time of creation and, since others may have the same, the id: where the post stands in each feed. */
  feedPosition: z.string(),
  feedShard: z.string(),
  topicShard: z.string(),
  authorShard: z.string(),
});
export type FeedKeys = z.infer<typeof FeedKeys>;

/** The keys of a new post. The last digit of an id is as good as random. */
export function feedKeys({ id, createdAt, topic, author }: CreatedPost): FeedKeys {
  const shard = Number.parseInt(id.slice(-1), 16) % shards.length;
  return {
    feedPosition: `${createdAt}#${id}`,
    feedShard: partition('all', shard),
    topicShard: partition(topic, shard),
    authorShard: partition(author, shard),
  };
}

/** One list of posts. */
export interface Feed {
  indexName: string;
  /** The name of the index's partition key, and its values in this feed, one a shard. */
  partitionKey: string;
  partitions: string[];
}

/** The feed that a query asks for. */
export function feedOf({ topic, author }: Pick<PostQuery, 'topic' | 'author'>): Feed {
  const of = (index: Omit<Feed, 'partitions'>, name: string): Feed => ({
    ...index,
    partitions: shards.map((shard) => partition(name, shard)),
  });
  if (topic !== undefined) return of(feedIndexes.topic, topic);
  if (author !== undefined) return of(feedIndexes.author, author);
  return of(feedIndexes.all, 'all');
}
