import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Post } from '../../model/post.ts';
import type { Stack } from '../../operations/stack.ts';
import type { StoredPost } from './promise.ts';

const StoredItem = z.extend(Post, { revision: z.int(), outboxShard: z.optional(z.string()) });

/** Returns all items of a table. */
export async function itemsOf(
  { settings }: Stack,
  TableName: string | undefined,
): Promise<Record<string, unknown>[]> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) items.push(...Items);
  client.destroy();
  return items;
}

/**
 * Returns the posts in the table, by their IDs.
 * @param except the IDs of items to ignore
 * @throws {Error} if another item is not a post
 */
export async function storedPosts(
  stack: Stack,
  except: ReadonlySet<unknown> = new Set(),
): Promise<Map<string, StoredPost>> {
  const items = await itemsOf(stack, stack.outputs.PostsTableName);
  return new Map(
    z
      .array(StoredItem)
      .parse(items.filter(({ id }) => !except.has(id)))
      .map(({ revision, outboxShard, ...post }) => [
        post.id,
        { post, revision, marked: outboxShard !== undefined },
      ]),
  );
}
