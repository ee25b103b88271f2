import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { Post } from '../../model/post.ts';
import { Tombstone } from '../../model/tombstone.ts';

const Item = z.extend(Post, { revision: z.int() });

const ChangedItem = z.object({ updatedAt: z.iso.datetime() });

const RequestedItem = z.object({ requestId: z.string() });

/** The state of a post. */
export interface PostState {
  revision: number;
  post: Post;
}

/** The state of a post that was removed. */
export interface RemovedPost {
  removed: Pick<Post, 'id' | 'topic'>;
}

/** Returns the tombstone that an item of the Posts table is, or nothing if it is not one. */
export function tombstoneIn(item: unknown): Tombstone | undefined {
  return Tombstone.safeParse(item).data;
}

/**
 * Returns the state of the post that an item of the Posts table holds.
 * @throws {InvalidData} with the attributes of the item that are invalid
 */
export function storedPost(item: unknown): PostState {
  const { revision, ...post } = parse(Item, item, 'The stored post');
  return { revision, post };
}

/** Returns whether a post is at a revision, neither changed later nor removed. */
export function isAt(revision: number, state: PostState | RemovedPost): state is PostState {
  return 'post' in state && state.revision === revision;
}

/** Returns when a stored post changed last: ISO 8601, UTC. */
export function changeTime(item: unknown, { post }: PostState): string {
  return ChangedItem.safeParse(item).data?.updatedAt ?? post.createdAt;
}

/** Returns the ID of the request that created a stored post, if it is known. */
export function requestOf(item: unknown): string | undefined {
  return RequestedItem.safeParse(item).data?.requestId;
}

/** Returns the ID and the topic of a post, removed or not: what its followers are found by. */
export function subjectOf(state: PostState | RemovedPost): Pick<Post, 'id' | 'topic'> {
  return 'removed' in state ? state.removed : state.post;
}
