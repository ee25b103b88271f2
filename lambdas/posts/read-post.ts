import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { type PostState, storedPost } from './stored-post.ts';

/**
 * Reads the state of a post after all completed writes. Returns nothing if there is no such post.
 */
export async function readPost(id: string): Promise<PostState | undefined> {
  const TableName = environment(POSTS_TABLE);
  const { Item } = await table.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  return Item && storedPost(Item);
}
