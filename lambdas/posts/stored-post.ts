import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { Post } from '../../model/post.ts';

const Item = z.extend(Post, { revision: z.int() });

const ChangedItem = z.object({ updatedAt: z.iso.datetime() });

/** The state of a post. */
export interface PostState {
  revision: number;
  post: Post;
}

/**
 * Returns the state of the post that an item of the Posts table holds.
 * @throws {InvalidData} with the attributes of the item that are invalid
 */
export function storedPost(item: unknown): PostState {
  const { revision, ...post } = parse(Item, item, 'The stored post');
  return { revision, post };
}

/** Returns when a stored post changed last: ISO 8601, UTC. */
export function changeTime(item: unknown, { post }: PostState): string {
  return ChangedItem.safeParse(item).data?.updatedAt ?? post.createdAt;
}
