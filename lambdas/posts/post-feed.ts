import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { feedIndexes } from '../../model/feed.ts';
import { parse } from '../../model/parse.ts';
import type { CreatedPost, PostQuery } from '../../model/post.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';

/**
 * The number of partitions of each feed. A partition of an index takes 1,000 writes a second, and
 * each post takes at least three writes: 4 partitions take more posts than the table's maximum of
 * 7,500 write units allows.
 */
const shards = [0, 1, 2, 3];

/** The shard comes last, so that a `#` in a name cannot lead to another feed's partition. */
const partition = (name: string, shard: number) => `${name}#${shard}`;

/** The attributes of a stored post by which the feeds hold it. */
export const FeedKeys = z.object({
  /**
   * The position of the post in each feed: its time of creation and, for posts of the same time,
   * its ID.
   */
  feedPosition: z.string(),
  feedShard: z.string(),
  topicShard: z.string(),
  authorShard: z.string(),
});
export type FeedKeys = z.infer<typeof FeedKeys>;

/**
 * Returns the keys of a new post. The last hexadecimal digit of its ID, which is random, chooses
 * the shard.
 */
export function feedKeys({ id, createdAt, topic, author }: CreatedPost): FeedKeys {
  const shard = Number.parseInt(id.slice(-1), 16) % shards.length;
  return {
    feedPosition: `${createdAt}#${id}`,
    feedShard: partition('all', shard),
    topicShard: partition(topic, shard),
    authorShard: partition(author, shard),
  };
}

/** A list of posts, newest first. */
export interface Feed {
  indexName: string;
  /** The name of the index's partition key, and its value in each shard of this feed. */
  partitionKey: string;
  partitions: string[];
}

/** Returns the feed that a query asks for. */
export function feedOf({ topic, author }: Pick<PostQuery, 'topic' | 'author'>): Feed {
  const of = (index: Omit<Feed, 'partitions'>, name: string): Feed => ({
    ...index,
    partitions: shards.map((shard) => partition(name, shard)),
  });
  if (topic !== undefined) return of(feedIndexes.topic, topic);
  if (author !== undefined) return of(feedIndexes.author, author);
  return of(feedIndexes.all, 'all');
}

/** The position before the newest post of every feed: positions begin with a year. */
export const feedStart = '~';

/** A post's place in a feed. */
const FeedEntry = z.object({ id: z.string(), feedPosition: FeedKeys.shape.feedPosition });
type FeedEntry = z.infer<typeof FeedEntry>;
const FeedEntries = z.array(FeedEntry);

/** Reads the places of up to `count` posts that follow a position, newest first. */
export async function readFeed(feed: Feed, position: string, count: number): Promise<FeedEntry[]> {
  const shards = await Promise.all(
    feed.partitions.map((partition) => readPartition(feed, partition, position, count)),
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
): Promise<FeedEntry[]> {
  const pages = paginateQuery(
    { client: table, pageSize: count },
    {
      TableName: environment(POSTS_TABLE),
      IndexName: indexName,
      KeyConditionExpression: `${partitionKey} = :partition AND feedPosition < :before`,
      ExpressionAttributeValues: marshall({ ':partition': partition, ':before': before }),
      ScanIndexForward: false,
    },
  );
  const entries: FeedEntry[] = [];
  for await (const { Items = [] } of pages) {
    const items = Items.map((item) => unmarshall(item));
    entries.push(...parse(FeedEntries, items, 'The index'));
    if (entries.length >= count) break;
  }
  return entries;
}
