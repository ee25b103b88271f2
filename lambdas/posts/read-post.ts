import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { type PostState, type RemovedPost, storedPost, tombstoneIn } from './stored-post.ts';

/**
 * Reads the state of a post after all completed writes. Returns nothing if there is no such post, nor
 * the tombstone of one.
 */
export async function readPost(id: string): Promise<PostState | RemovedPost | undefined> {
  const TableName = environment(POSTS_TABLE);
  const Key = marshall({ id });
  const { Item } = await table.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  const item = Item && unmarshall(Item);
  const removed = tombstoneIn(item);
  return removed ? { removed } : item && storedPost(item);
}
