import * as z from 'zod/mini';
import { ConnectionsToPush } from '../model/events.ts';
import { sendToEach } from './connections/post-sender.ts';
import { readPost } from './posts/read-post.ts';
import { logger } from './runtime/logger.ts';

const Event = z.object({ detail: ConnectionsToPush });

/**
 * `ConnectionsToPush`: sends the post, in the state that it has by now, to these clients. Throws, after the others, if
 * any send failed, so that no other part of the push is tried again.
 */
export async function handler(event: unknown): Promise<void> {
  const { postId, connections } = Event.parse(event).detail;
  logger.setCorrelationId(postId);
  const state = await readPost(postId);
  if (state) await sendToEach(state, connections);
  else logger.info('The post is deleted.');
}
