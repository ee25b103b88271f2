import { setTimeout } from 'node:timers/promises';
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InvalidData } from '../../model/parse.ts';
import { Post } from '../../model/post.ts';
import { environment } from '../runtime/environment.ts';
import { logger } from '../runtime/logger.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { tombstoneIn } from './stored-post.ts';

/**
 * The number of retries after a call that returned nothing, and the pause before each, in
 * milliseconds.
 */
const retries = 1;
const pause = 200;

/**
 * Reads up to 100 posts consistently, so that every post of an index is found. Logs and omits a
 * stored item that is not a post; otherwise every page with that item would fail.
 * @returns the posts by ID, `undefined` for one that is removed, deleted or omitted. The IDs that
 * the table did not return are missing, and this is logged.
 * @throws {Error} if the table did not return the first post, because the table is throttled or
 * cannot be reached
 */
export async function readPosts(ids: string[]): Promise<Map<string, Post | undefined>> {
  const [first = ''] = ids;
  const posts = new Map<string, Post | undefined>();
  try {
    for await (const { answered, items } of readInParts(ids)) {
      for (const id of answered) posts.set(id, undefined);
      for (const item of items) {
        const { data: post, error: invalid } = Post.safeParse(item);
        if (post) posts.set(post.id, post);
        else if (!tombstoneIn(item))
          logger.error('A stored post cannot be read and is omitted from the page.', {
            error: new InvalidData('The stored post', invalid),
            correlation_id: item.id,
          });
      }
    }
  } catch (error) {
    if (!posts.has(first)) throw error;
    logger.warn('The page ends early.', { error });
  }
  return posts;
}

interface Part {
  /** The IDs that the table looked up. An ID without an item belongs to a deleted post. */
  answered: string[];
  items: Record<string, unknown>[];
}

/**
 * Reads items until the table has returned all. One call returns at most 1 MB of a partition, in no
 * order (Amazon DynamoDB API Reference, "BatchGetItem").
 * @throws {Error} if the table returns nothing, even after a retry
 */
async function* readInParts(ids: string[]): AsyncGenerator<Part> {
  const TableName = environment(POSTS_TABLE);
  let missing = ids;
  for (let idle = 0; missing.length > 0; ) {
    if (idle > retries) throw new Error(`The table did not return ${missing.length} of ${ids.length} posts.`);
    if (idle > 0) await setTimeout(pause);
    const Keys = missing.map((id) => marshall({ id }));
    const { Responses, UnprocessedKeys } = await table.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    const left = new Set<unknown>(UnprocessedKeys?.[TableName]?.Keys?.map(({ id }) => id?.S));
    idle = left.size < missing.length ? 0 : idle + 1;
    yield {
      answered: missing.filter((id) => !left.has(id)),
      items: (Responses?.[TableName] ?? []).map((item) => unmarshall(item)),
    };
    missing = missing.filter((id) => left.has(id));
  }
}
