import * as z from 'zod/mini';
import { Pong, PostUpdated, SubscribedToPost } from '../../model/messages.ts';
import type { Client } from './promise.ts';

/** What a client that makes no mistake is sent. */
export const ServerMessage = z.discriminatedUnion('type', [PostUpdated, SubscribedToPost, Pong]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/** What a client connects with that wants these posts, and one besides if `postId` is given. */
export function queryOf(wants: Client['wants'], postId: string | undefined): URLSearchParams {
  const query = new URLSearchParams();
  // Without a topic it would get everything.
  if (wants !== 'all') query.set('topic', wants === 'none' ? 'nobody writes here' : wants.topic);
  if (postId !== undefined) query.set('postId', postId);
  return query;
}

/** A client that follows the documentation: it ignores a revision not above the last that it saw of a post. */
export abstract class Follower implements Client {
  readonly name: string;
  readonly wants: Client['wants'];
  readonly asked = new Set<string>();
  readonly told = new Map<string, Pick<PostUpdated, 'revision' | 'post'>>();
  pushes = 0;
  /** Of the pushes, those of a state that it had seen already. */
  repeats = 0;
  abstract readonly isOpen: boolean;
  abstract readonly openedAt: number;

  constructor(name: string, wants: Client['wants']) {
    this.name = name;
    this.wants = wants;
  }

  protected receive(message: ServerMessage): void {
    if (message.type === 'post.updated') this.pushes++;
    if (message.type === 'pong') return;
    const { revision, post } = message;
    if (revision === undefined || post === undefined) return;
    if (revision > (this.told.get(post.id)?.revision ?? 0)) this.told.set(post.id, { revision, post });
    else if (message.type === 'post.updated') this.repeats++;
  }
}
