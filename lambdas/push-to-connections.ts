import * as z from 'zod/mini';
import { ConnectionsToPush } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { sendToEach } from './connections/post-sender.ts';
import { readPost } from './posts/read-post.ts';
import { logger } from './runtime/logger.ts';

const Event = z.object({ detail: ConnectionsToPush });

/**
 * Handles `ConnectionsToPush`: sends the current state of the post to these connections. Throws,
 * after all sends, if any of them failed; Lambda then retries this part of the push alone.
 */
export async function handler(event: unknown): Promise<void> {
  const { postId, connections } = parse(Event, event, 'The event').detail;
  logger.setCorrelationId(postId);
  const state = await readPost(postId);
  if (state) await sendToEach(state, connections);
  else logger.info('The post is deleted.');
}
