import * as z from 'zod/mini';
import { type EventMetadata, schemaVersion } from '../model/event-metadata.ts';
import { ConnectionsToPush } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { push } from './connections/push.ts';
import { readPost } from './posts/read-post.ts';
import { isAt } from './posts/stored-post.ts';
import { logger } from './runtime/logger.ts';

const Event = z.object({ detail: ConnectionsToPush });

/**
 * Handles `ConnectionsToPush`: sends the current state of the post, or its removal, to these
 * connections, unless the event is for an earlier revision. Puts another `ConnectionsToPush` with
 * those that failed, or throws, so that Lambda retries this event alone.
 */
export async function handler(event: unknown): Promise<void> {
  const { detail } = parse(Event, event, 'The event');
  const { postId, connections, attempt, revision, metadata = unknownCause(postId) } = detail;
  logger.setCorrelationId(postId);
  logger.appendKeys({ event_id: metadata.eventId });
  const state = await readPost(postId);
  if (!state) logger.info('The post is deleted.');
  else if (revision !== undefined && !isAt(revision, state)) logger.info('The post has changed.');
  else await push(state, connections, { metadata, attempt, revision });
}

/** Returns what stands for the metadata of an event of an earlier release, which has none. */
function unknownCause(postId: string): EventMetadata {
  const time = new Date().toISOString();
  return { eventId: postId, correlationId: postId, causationId: postId, time, schemaVersion };
}
