import { createHash } from 'node:crypto';
import type { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { FeedKeys, feedKeys } from '../../../lambdas/posts/post-feed.ts';
import type { Post } from '../../../model/post.ts';

/** The stored posts by ID, with the keys of their feeds, as `create-post` saves them. */
export const stored = new Map<string, Record<string, unknown>>();

/** `indexPage` limits the entries of an index page; the table returns no further posts after `bytesAtOnce`. */
export const capacity = { indexPage: Number.POSITIVE_INFINITY, bytesAtOnce: 1_000_000 };

export function resetStored(): void {
  stored.clear();
  capacity.indexPage = Number.POSITIVE_INFINITY;
  capacity.bytesAtOnce = 1_000_000;
}

/** Queries an index of the table as DynamoDB does. */
export function query(input: QueryCommand['input']) {
  const { ':partition': partition, ':before': before } = z
    .record(z.string(), z.string())
    .parse(input.ExpressionAttributeValues);
  const [partitionKey = ''] = input.KeyConditionExpression?.split(' ') ?? [];
  const start = z.optional(FeedKeys).parse(input.ExclusiveStartKey)?.feedPosition ?? before ?? '';
  const found = [...stored.values()]
    .filter((item) => item[partitionKey] === partition && FeedKeys.parse(item).feedPosition < start)
    .sort((one, other) => (FeedKeys.parse(one).feedPosition < FeedKeys.parse(other).feedPosition ? 1 : -1));
  const page = found.slice(0, Math.min(input.Limit ?? Number.POSITIVE_INFINITY, capacity.indexPage));
  const Items = page.map(({ id, ...item }) => ({ id, ...FeedKeys.parse(item) }));
  return { Items, LastEvaluatedKey: page.length < found.length ? Items.at(-1) : undefined };
}

const disorder = (id: string) => createHash('md5').update(id).digest('hex');

/** Reads posts of the table as DynamoDB does: in no defined order, up to 1 MB. */
export function batchGet({ RequestItems }: BatchGetCommand['input']) {
  const { Keys, ...how } = RequestItems?.posts ?? {};
  const keys = z.array(z.object({ id: z.string() })).parse(Keys);
  if (keys.length === 0) throw new Error('ValidationException');
  const left = keys.toSorted((one, other) => (disorder(one.id) < disorder(other.id) ? 1 : -1));
  const items: Record<string, unknown>[] = [];
  for (let bytes = 0; left[0] && bytes < capacity.bytesAtOnce; left.shift()) {
    const item = stored.get(left[0].id) ?? [];
    items.push(...[item].flat());
    bytes += JSON.stringify(item).length;
  }
  return {
    Responses: { posts: items },
    UnprocessedKeys: left.length > 0 ? { posts: { Keys: left, ...how } } : {},
  };
}

export const start = Date.parse('2026-01-31T09:30:00.000Z');
export const idOf = (index: number) => `019c1234-5678-7abc-8def-${index.toString(16).padStart(12, '0')}`;
export const post = (index: number, more: Partial<Post> = {}): Post => ({
  id: idOf(index),
  createdAt: new Date(start + index * 1000).toISOString(),
  author: 'hunter s thompson',
  title: `Title ${index}`,
  body: 'Joe is going to Spain',
  topic: 'summer',
  ...more,
});

export const save = (post: Post) => stored.set(post.id, { ...post, ...feedKeys(post), revision: 1 });
export const saveMany = (count: number) => Array.from({ length: count }, (_, index) => save(post(index)));
