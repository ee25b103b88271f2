import * as z from 'zod/mini';
import { ConnectionsToPush } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { push } from './connections/push.ts';
import { readPost } from './posts/read-post.ts';
import { logger } from './runtime/logger.ts';

const Event = z.object({ detail: ConnectionsToPush });

/**
 * Handles `ConnectionsToPush`: sends the current state of the post to these connections. Puts another
 * `ConnectionsToPush` with those that failed, or throws, so that Lambda retries this event alone.
 */
export async function handler(event: unknown): Promise<void> {
  const { postId, connections, attempt } = parse(Event, event, 'The event').detail;
  logger.setCorrelationId(postId);
  const state = await readPost(postId);
  if (state) await push(state, connections, attempt);
  else logger.info('The post is deleted.');
}
