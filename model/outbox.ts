import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { CreatedPost } from './post.ts';

/**
 * The index of the Posts table that has the posts whose creation is still to be announced, and no others: keys
 * `outboxShard`, `outboxSince`.
 */
export const outboxIndex = 'outbox';

/**
 * What a stored post has besides until its creation is announced. Saved with the post in one write, so that a post and
 * the news of it cannot be lost apart.
 */
export const OutboxMarker = z.object({
  /** One of `0` to `15`: a partition of an index takes 1,000 writes a second. */
  outboxShard: z.string(),
  /** The post's time of creation and, since others may have the same, what no other marker has. */
  outboxSince: z.string(),
  /** The url that the event has. */
  outboxUrl: z.string(),
});
export type OutboxMarker = z.infer<typeof OutboxMarker>;

/** A new marker of a post that is read at `url`. The last digit of an id is as good as random. */
export function outboxMarker({ id, createdAt }: CreatedPost, url: string): OutboxMarker {
  return {
    outboxShard: String(Number.parseInt(id.slice(-1), 16)),
    outboxSince: `${createdAt}#${randomUUID()}`,
    outboxUrl: url,
  };
}

/**
 * The part of an `UpdateItem` that takes the marker away. The condition fails when it is gone, or the post is. Readers
 * see no change, so `revision` and `updatedAt` stay.
 */
export const removingMarker = {
  UpdateExpression: 'REMOVE outboxShard, outboxSince, outboxUrl',
  ConditionExpression: 'attribute_exists(outboxShard)',
};
