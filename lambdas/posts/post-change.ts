import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

const Image = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
);

/** The parts used of a record of the Posts table's stream. */
export const StreamRecord = z.object({
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.object({ id: z.object({ S: z.string() }) }),
    /** Absent when the item was deleted. */
    NewImage: z.optional(Image),
    /** Absent when the item was inserted. */
    OldImage: z.optional(Image),
  }),
});
type StreamRecord = z.infer<typeof StreamRecord>;

/** A change of a stored post that readers see. */
export interface PostChange {
  sequenceNumber: string;
  postId: string;
  /** Undefined if the stored post has none. */
  revision: number | undefined;
  /** The stored post after the change, or its tombstone; it may be neither. */
  image: Record<string, AttributeValue>;
}

/**
 * Returns the change of the post in a stream record, or `undefined` for a deleted item and for a
 * change that keeps the revision. The item of a removed post is a tombstone until it expires.
 */
export function changeIn({ dynamodb }: StreamRecord): PostChange | undefined {
  const { SequenceNumber: sequenceNumber, Keys, NewImage, OldImage } = dynamodb;
  const stored = NewImage?.revision?.N;
  if (!NewImage || (OldImage && OldImage.revision?.N === stored)) return undefined;
  const revision = stored === undefined ? undefined : Number(stored);
  return { sequenceNumber, postId: Keys.id.S, revision, image: NewImage };
}
