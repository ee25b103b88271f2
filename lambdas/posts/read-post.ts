import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Post } from '../../model/post.ts';
import { Environment, environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';

const Item = z.extend(Post, { revision: z.int() });

/** A post as it is stored now. */
export interface PostState {
  revision: number;
  post: Post;
}

/** Reads a post consistently: the state after every write that has been answered. Nothing if there is none, or no more. */
export async function readPost(id: string): Promise<PostState | undefined> {
  const TableName = environment(Environment.postsTable);
  const stored = await table.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  if (!stored.Item) return undefined;
  const { revision, ...post } = Item.parse(stored.Item);
  return { revision, post };
}
