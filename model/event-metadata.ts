import * as z from 'zod/mini';

/**
 * The version of the details that this code writes: the `version` of a detail, and a number that
 * grows with each addition. A consumer of one `version` reads every addition.
 */
export const schemaVersion = '1.2';

/**
 * The envelope of an event, by which a consumer recognizes a repeated event and a person follows a
 * post. All of it is derived from what the event reports, so a repeated announcement has the same.
 */
export const EventMetadata = z.object({
  /** The same in each repetition of this event, and in no other event. */
  eventId: z.string(),
  /** The ID of the post, or of the connection, whose request started it all. */
  correlationId: z.string(),
  /**
   * The `eventId` of the event that caused this one, or the ID of the request. If neither is known,
   * the `correlationId`.
   */
  causationId: z.string(),
  /** When that which the event reports happened, not when the event was put: ISO 8601, UTC. */
  time: z.iso.datetime(),
  /** E.g. `1.2`. */
  schemaVersion: z.string(),
});
export type EventMetadata = z.infer<typeof EventMetadata>;

/**
 * A detail as this code puts it on a bus. Details that were put before there was metadata have none,
 * so a consumer must not require it.
 */
export type Issued<Detail> = Detail & { metadata: EventMetadata };

/** Returns the `eventId` of the event of a type about one revision of a post. */
export function postEventId(postId: string, revision: number, detailType: string): string {
  return `${postId}:${revision}:${detailType}`;
}
