import * as z from 'zod/mini';
import { Revision } from './post.ts';

/** How long a tombstone stays at least, in milliseconds. DynamoDB deletes it some time later. */
const lifetime = 24 * 60 * 60_000;

/**
 * The item of the Posts table that takes the place of a removed post. It has no key of an index, so
 * the lists and the outbox do not contain it. While it exists, no late write brings the post back.
 */
export const Tombstone = z.object({
  id: z.string(),
  topic: z.string(),
  /** Above each revision of the post. */
  revision: z.int(),
  /** The ID of the operator's request. No other item has it. */
  removalId: z.string(),
  /** When the post was removed: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
  /** The TTL attribute, after which DynamoDB may delete the item: seconds since the epoch. */
  expiresAt: z.int(),
});
export type Tombstone = z.infer<typeof Tombstone>;

/** Returns the tombstone of a post. A post without a revision was never a readable one. */
export function tombstone(
  { id, topic, revision = Revision.created }: Pick<Tombstone, 'id' | 'topic'> & { revision?: number },
  removalId: string,
  now: Date,
): Tombstone {
  return {
    id,
    topic,
    // An enrichment is conditional on the first revision.
    revision: Math.max(Math.floor(revision), Revision.created) + 1,
    removalId,
    updatedAt: now.toISOString(),
    expiresAt: Math.ceil((now.getTime() + lifetime) / 1000),
  };
}
