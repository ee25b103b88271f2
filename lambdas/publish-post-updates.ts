import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { BlogPostUpdated, DetailType, type UnpublishedUpdate } from '../model/events.ts';
import { eventBytes, firstBatch, maxBytes, putEvents } from './events/websocket-bus.ts';
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

/** A change to publish, or with `unpublishable`, why that can never be done. */
type Update = { sequenceNumber: string; postId: string; revision: number | undefined; bytes: number } & (
  | { detail: string }
  | { unpublishable: string }
);

/**
 * The Posts table's stream: puts `BlogPostUpdated` on the WebSocket bus for each change that readers see, in the
 * stream's order. Answers with the first record that is not done, from which on Lambda sends all again ("Configuring
 * partial batch response with DynamoDB and Lambda").
 */
export async function handler(event: unknown) {
  const waiting = Event.parse(event).Records.flatMap((record) => updateOf(record) ?? []);
  try {
    while (waiting.length > 0) {
      const batch = firstBatch(waiting);
      const details = batch.flatMap((update) => ('detail' in update ? update.detail : []));
      const errors = details.length > 0 ? await putEvents(DetailType.blogPostUpdated, details) : [];
      for (const update of batch) {
        await settle(update, 'detail' in update ? errors.shift() : update.unpublishable);
        waiting.shift();
      }
    }
  } catch (error) {
    logger.error('The update of a post has to wait.', { error, correlation_id: waiting[0]?.postId });
  }
  return {
    batchItemFailures: waiting.slice(0, 1).map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })),
  };
}

/** What a record gives to publish, unless it is a removal or leaves the revision as it was. */
function updateOf({ dynamodb }: z.infer<typeof StreamRecord>): Update | undefined {
  const { SequenceNumber: sequenceNumber, Keys, NewImage, OldImage } = dynamodb;
  const stored = NewImage?.revision?.N;
  if (!NewImage || (OldImage && OldImage.revision?.N === stored)) return undefined;
  const revision = stored === undefined ? undefined : Number(stored);
  const update = { sequenceNumber, postId: Keys.id.S, revision, bytes: 0 };
  try {
    const detail = JSON.stringify(
      BlogPostUpdated.parse({ version: 1, revision, post: unmarshall(NewImage) }),
    );
    const bytes = eventBytes(DetailType.blogPostUpdated, detail);
    if (bytes > maxBytes) return { ...update, unpublishable: `The event is too large: ${bytes} bytes.` };
    return { ...update, detail, bytes };
  } catch (error) {
    const reason = String(error).replace(/\s+/g, ' ');
    return { ...update, unpublishable: `The stored post cannot be read: ${reason}` };
  }
}

/**
 * Ends the handling of an update: without `failure` it is published, with a lasting one it is parked in the queue.
 * Throws when it has to be tried again.
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
