import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import {
  blogPostRemoved,
  blogPostSaved,
  blogPostUpdated,
  DetailType,
  type UnpublishedUpdate,
} from '../model/events.ts';
import { InvalidData, parse } from '../model/parse.ts';
import { Revision } from '../model/post.ts';
import { UNPUBLISHED_UPDATES_QUEUE, WEBSOCKET_BUS } from './events/environment.ts';
import {
  type BusEvent,
  batchesOf,
  busEvent,
  maxBytes,
  putEvents,
  type Refusal,
  refusalText,
} from './events/event-bus.ts';
import { changeIn, type PostChange, StreamRecord } from './posts/post-change.ts';
import { changeTime, isAt, requestOf, storedPost, tombstoneIn } from './posts/stored-post.ts';
import { environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { sdkSettings } from './runtime/sdk-settings.ts';

const sqs = new SQSClient(sdkSettings);

/**
 * The errors of an entry that are worth a retry (API reference, `PutEventsResultEntry`,
 * `ErrorCode`).
 */
const transientErrors = new Set(['InternalFailure', 'InternalException', 'ThrottlingException']);

const Event = z.object({ Records: z.array(StreamRecord) });

/** A change to publish, or the reason why it can never be published. */
type Update = Omit<PostChange, 'image'> &
  ((BusEvent & { eventId: string }) | { unpublishable: string; bytes: 0 });

/**
 * Handles the stream of the Posts table: puts `BlogPostSaved` on the WebSocket bus for each new
 * post, `BlogPostUpdated` for each change that readers see, and `BlogPostRemoved` for each removal,
 * in the order of the stream. The partial batch response names the first record to retry; Lambda
 * sends that record and all later ones again ("Configuring partial batch response with DynamoDB and
 * Lambda").
 */
export async function handler(event: unknown) {
  const changes = parse(Event, event, 'The event').Records.flatMap((record) => changeIn(record) ?? []);
  const updates = changes.map(updateOf);
  let done = 0;
  try {
    for (const batch of batchesOf(updates)) {
      const refused = await putEvents(
        WEBSOCKET_BUS,
        batch.filter((update) => 'detail' in update),
      );
      for (const update of batch) {
        await settle(update, 'detail' in update ? refused.get(update) : undefined);
        done += 1;
      }
    }
  } catch (error) {
    logger.error('The update of a post could not be published and will be retried.', {
      error,
      correlation_id: updates[done]?.postId,
    });
  }
  const failed = updates.slice(done, done + 1);
  return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
}

function updateOf({ image, ...change }: PostChange): Update {
  const unpublishable = (reason: string): Update => ({ ...change, unpublishable: reason, bytes: 0 });
  try {
    const event = eventOf(unmarshall(image));
    if (event.bytes > maxBytes) return unpublishable(`The event is too large: ${event.bytes} bytes.`);
    return { ...change, ...event };
  } catch (error) {
    if (error instanceof InvalidData) return unpublishable(error.message);
    return unpublishable(`The stored post cannot be read: ${String(error).replace(/\s+/g, ' ')}`);
  }
}

/** Returns the event of the change that made a stored post, or its tombstone, what it is. */
function eventOf(item: Record<string, unknown>): BusEvent & { eventId: string } {
  const tombstone = tombstoneIn(item);
  if (tombstone) {
    const detail = blogPostRemoved(tombstone);
    return { ...busEvent(DetailType.blogPostRemoved, detail), eventId: detail.metadata.eventId };
  }
  const state = storedPost(item);
  if (isAt(Revision.created, state)) {
    const detail = blogPostSaved(state.post, requestOf(item));
    return { ...busEvent(DetailType.blogPostSaved, detail), eventId: detail.metadata.eventId };
  }
  const detail = blogPostUpdated(state, changeTime(item, state));
  return { ...busEvent(DetailType.blogPostUpdated, detail), eventId: detail.metadata.eventId };
}

/**
 * Logs a published update; parks an update with a permanent failure in the queue. Throws if the
 * update has to be retried.
 */
async function settle(update: Update, refusal: Refusal | undefined): Promise<void> {
  const { postId, revision } = update;
  const correlation = { correlation_id: postId, revision };
  const reason = 'detail' in update ? refusal && refusalText(refusal) : update.unpublishable;
  if (reason === undefined) {
    const event_id = 'detail' in update ? update.eventId : undefined;
    logger.info('The update is published.', { ...correlation, event_id });
    return;
  }
  if (refusal && transientErrors.has(refusal.ErrorCode)) throw new Error(reason);
  const unpublished: UnpublishedUpdate = { postId, revision, reason };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: environment(UNPUBLISHED_UPDATES_QUEUE),
      MessageBody: JSON.stringify(unpublished),
    }),
  );
  logger.error('The update can never be published and is parked.', { ...correlation, reason });
}
