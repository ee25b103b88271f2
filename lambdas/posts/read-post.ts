import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { type PostState, storedPost } from './stored-post.ts';

/**
 * Reads the state of a post after all completed writes. Returns nothing if there is no such post.
 */
export async function readPost(id: string): Promise<PostState | undefined> {
  const TableName = environment(POSTS_TABLE);
  const Key = marshall({ id });
  const { Item } = await table.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && storedPost(unmarshall(Item));
}
