import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Post } from '../../model/post.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';

const Item = z.extend(Post, { revision: z.int() });

/** The state of a post. */
export interface PostState {
  revision: number;
  post: Post;
}

/**
 * Reads the state of a post after all completed writes. Returns nothing if there is no such post.
 */
export async function readPost(id: string): Promise<PostState | undefined> {
  const TableName = environment(POSTS_TABLE);
  const stored = await table.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  if (!stored.Item) return undefined;
  const { revision, ...post } = Item.parse(stored.Item);
  return { revision, post };
}
