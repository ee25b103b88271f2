import * as z from 'zod/mini';
import { Pong, PostCreated, PostRemoved, PostUpdated, SubscribedToPost } from '../../model/messages.ts';
import type { Client } from './promise.ts';

/** The messages that a client receives unless its own message is invalid. */
export const ServerMessage = z.discriminatedUnion('type', [
  PostCreated,
  PostUpdated,
  PostRemoved,
  SubscribedToPost,
  Pong,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/**
 * Returns the query of a client that wants these posts, new ones too, and, with `postId`, one more
 * post.
 */
export function queryOf(wants: Client['wants'], postId: string | undefined): URLSearchParams {
  const query = new URLSearchParams({ from: 'created' });
  // Without a topic the client would receive all posts.
  if (wants !== 'all') query.set('topic', wants === 'none' ? 'nobody writes here' : wants.topic);
  if (postId !== undefined) query.set('postId', postId);
  return query;
}

/**
 * A client that follows the documentation: it ignores a revision that is not above the post's last
 * one.
 */
export abstract class Follower implements Client {
  readonly name: string;
  readonly wants: Client['wants'];
  readonly asked = new Set<string>();
  readonly told = new Map<string, Pick<PostUpdated, 'revision' | 'post'>>();
  readonly toldRemoved = new Set<string>();
  /** The states that the client has seen: the post's ID and its revision. */
  readonly #seen = new Set<string>();
  pushes = 0;
  /** The number of pushes with a state that the client had already seen. */
  repeats = 0;
  abstract readonly isOpen: boolean;
  abstract readonly openedAt: number;

  constructor(name: string, wants: Client['wants']) {
    this.name = name;
    this.wants = wants;
  }

  protected receive(message: ServerMessage): void {
    if (isPush(message)) this.pushes++;
    if (message.type === 'pong') return;
    if ('postId' in message && (message.type === 'post.removed' || message.removed))
      this.toldRemoved.add(message.postId);
    if (message.type === 'post.removed') return;
    const { revision, post } = message;
    if (revision === undefined || post === undefined) return;
    const state = `${post.id} ${revision}`;
    if (isPush(message) && this.#seen.has(state)) this.repeats++;
    this.#seen.add(state);
    if (revision > (this.told.get(post.id)?.revision ?? 0)) this.told.set(post.id, { revision, post });
  }
}

function isPush({ type }: ServerMessage): boolean {
  return type === 'post.created' || type === 'post.updated';
}
