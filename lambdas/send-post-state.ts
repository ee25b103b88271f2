import * as z from 'zod/mini';
import { ConnectionOpened } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { Revision } from '../model/post.ts';
import { postSender } from './connections/post-sender.ts';
import { readPost } from './posts/read-post.ts';
import { logger } from './runtime/logger.ts';

const Event = z.object({
  /** The time of the event, when the connection was opening. ISO 8601. */
  time: z.iso.datetime(),
  detail: ConnectionOpened,
});

/**
 * Handles `ConnectionOpened`: sends the client the state of the post that it watches, if the post
 * has changed since its creation or was removed. The client was registered before the event, so it
 * receives later changes as pushes. Throws on errors that are worth a retry: a failed send, and a
 * connection that may still be opening.
 */
export async function handler(event: unknown): Promise<void> {
  const { time, detail } = parse(Event, event, 'The event');
  const { connectionId, postId, metadata } = detail;
  logger.setCorrelationId(postId);
  logger.appendKeys({ event_id: metadata?.eventId });
  const state = await readPost(postId);
  if (!state || ('post' in state && state.revision === Revision.created)) return;
  const delivery = await postSender(state)({ connectionId, connectedAt: time });
  if (delivery === 'opening') throw new Error(`The connection ${connectionId} is not open yet, or gone.`);
  if (delivery === 'delivered') logger.info('The state is sent to a new connection.', { connectionId });
}
