import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { BlogPostUpdated, DetailType, type UnpublishedUpdate } from '../model/events.ts';
import { type BusEvent, batchesOf, busEvent, maxBytes, putEvents } from './events/event-bus.ts';
import { Environment, environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { sdkSettings } from './runtime/sdk-settings.ts';

const sqs = new SQSClient(sdkSettings);

/** The entry errors that another try can mend (API reference, `PutEventsResultEntry`, `ErrorCode`). */
const passingErrors = new Set(['InternalFailure', 'InternalException', 'ThrottlingException']);

const Image = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
);

/** The parts used of a record of a DynamoDB stream. */
const StreamRecord = z.object({
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.object({ id: z.object({ S: z.string() }) }),
    /** Absent when the item was removed. */
    NewImage: z.optional(Image),
    /** Absent when the item was inserted. */
    OldImage: z.optional(Image),
  }),
});

const Event = z.object({ Records: z.array(StreamRecord) });

/** A change to publish, or the reason why it can never be published. */
type Update = { sequenceNumber: string; postId: string; revision: number | undefined } & (
  | BusEvent
  | { unpublishable: string; bytes: 0 }
);

/**
 * Handles the stream of the Posts table: puts `BlogPostUpdated` on the WebSocket bus for each change
 * that readers see, in the order of the stream. The partial batch response names the first record to
 * retry; Lambda sends that record and all later ones again ("Configuring partial batch response with
 * DynamoDB and Lambda").
 */
export async function handler(event: unknown) {
  const updates = Event.parse(event).Records.flatMap((record) => updateOf(record) ?? []);
  let done = 0;
  try {
    for (const batch of batchesOf(updates)) {
      const refused = await putEvents(
        'webSocketBus',
        batch.filter((update) => 'detail' in update),
      );
      for (const update of batch) {
        await settle(update, 'detail' in update ? refused.get(update)?.ErrorCode : update.unpublishable);
        done += 1;
      }
    }
  } catch (error) {
    logger.error('The update of a post has to wait.', { error, correlation_id: updates[done]?.postId });
  }
  const failed = updates.slice(done, done + 1);
  return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
}

/** What a record gives to publish, unless it is a removal or leaves the revision as it was. */
function updateOf({ dynamodb }: z.infer<typeof StreamRecord>): Update | undefined {
  const { SequenceNumber: sequenceNumber, Keys, NewImage, OldImage } = dynamodb;
  const stored = NewImage?.revision?.N;
  if (!NewImage || (OldImage && OldImage.revision?.N === stored)) return undefined;
  const revision = stored === undefined ? undefined : Number(stored);
  const update = { sequenceNumber, postId: Keys.id.S, revision };
  const unpublishable = (reason: string): Update => ({ ...update, unpublishable: reason, bytes: 0 });
  try {
    const detail = BlogPostUpdated.parse({ version: 1, revision, post: unmarshall(NewImage) });
    const event = busEvent(DetailType.blogPostUpdated, detail);
    if (event.bytes > maxBytes) return unpublishable(`The event is too large: ${event.bytes} bytes.`);
    return { ...update, ...event };
  } catch (error) {
    return unpublishable(`The stored post cannot be read: ${String(error).replace(/\s+/g, ' ')}`);
  }
}

/**
 * Logs a published update; parks an update with a permanent failure in the queue. Throws if the
 * update has to be retried.
 */
async function settle({ postId, revision }: Update, failure: string | undefined): Promise<void> {
  const correlation = { correlation_id: postId, revision };
  if (failure === undefined) {
    logger.info('The update is published.', correlation);
    return;
  }
  if (passingErrors.has(failure)) throw new Error(`The bus did not take the event: ${failure}`);
  const unpublished: UnpublishedUpdate = { postId, revision, reason: failure };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: environment(Environment.unpublishedUpdatesQueue),
      MessageBody: JSON.stringify(unpublished),
    }),
  );
  logger.error('The update can never be published and is parked.', { ...correlation, reason: failure });
}
