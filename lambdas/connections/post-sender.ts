import { setTimeout } from 'node:timers/promises';
import { channelsOf, channelsOfNew, handshakeLimit } from '../../model/connection.ts';
import type { ConnectionToPush } from '../../model/events.ts';
import type { PostCreated, PostRemoved, PostUpdated } from '../../model/messages.ts';
import { type Post, Revision } from '../../model/post.ts';
import { type PostState, type RemovedPost, subjectOf } from '../posts/stored-post.ts';
import { httpStatus } from '../runtime/http-status.ts';
import { logger } from '../runtime/logger.ts';
import { isRegistered, removeConnection } from './connections-table.ts';
import { gone, payloadTooLarge, postToConnection } from './management-api.ts';

/**
 * API Gateway answers 410 for a connection that is gone, and also until the `$connect` handler of a
 * connection has returned, for which it allows 29 s. A send to a connection up to the age of 30 s
 * is therefore retried for longer than that handler takes, with a second to spare for its response,
 * and the connection stays registered. All times are in milliseconds.
 */
const handshakeAge = 30_000;
const handshakePatience = handshakeLimit + 1_000;
const handshakePause = 250;

/**
 * The number of refused sends after which the connection is looked up: most connections open
 * earlier, and one that has ended meanwhile is no longer registered.
 */
const lookUpEvery = 4;

/**
 * The outcome of a send. `gone`: the connection is removed or, if that failed, left to the next
 * push. `opening`: the connection was not open when the retries ended, and is left to the next
 * push. `tooLarge`: the message is logged and never sent.
 */
export type Delivery = 'delivered' | 'gone' | 'opening' | 'tooLarge';

/**
 * Returns a function that sends the state of a post, or its removal, to one connection. It throws
 * on errors that are worth a retry.
 */
export function postSender(state: PostState | RemovedPost) {
  const Data = JSON.stringify(messageOf(state));

  return async ({ connectionId, connectedAt, timeouts = 0 }: ConnectionToPush): Promise<Delivery> => {
    const end = Date.now() + handshakePatience;
    for (let refused = 1; ; refused++) {
      try {
        await postToConnection(connectionId, Data);
        return 'delivered';
      } catch (error) {
        if (httpStatus(error) === payloadTooLarge) {
          logger.error('The update is too large for a WebSocket message.', { connectionId, error });
          return 'tooLarge';
        }
        if (httpStatus(error) !== gone) throw error;
      }
      // API Gateway answers at once for a connection that is opening, so a send that timed out shows
      // that it was open.
      if (timeouts > 0 || Date.now() - Date.parse(connectedAt) > handshakeAge) {
        await forgetConnection(connectionId, subjectOf(state));
        logger.info('A connection is gone.', { connectionId });
        return 'gone';
      }
      if (refused % lookUpEvery === 0 && (await hasEnded(connectionId))) return 'gone';
      if (Date.now() > end) return 'opening';
      await setTimeout(handshakePause);
    }
  };
}

function messageOf(state: PostState | RemovedPost): PostCreated | PostUpdated | PostRemoved {
  if ('removed' in state) return { type: 'post.removed', postId: state.removed.id };
  const { revision, post } = state;
  if (revision === Revision.created) return { type: 'post.created', revision, post };
  return { type: 'post.updated', revision, post };
}

/** Returns whether a connection is no longer registered; false if the table does not answer. */
async function hasEnded(connectionId: string): Promise<boolean> {
  try {
    return !(await isRegistered(connectionId));
  } catch (error) {
    logger.error('A connection could not be looked up.', { connectionId, error });
    return false;
  }
}

/**
 * Removes a connection that is gone. If that fails, it is logged, and the next push removes the
 * connection: a failure here must not repeat the push to others.
 * @param post through whose channels the connection was found, where it may have memberships
 * although it has no item
 */
export async function forgetConnection(
  connectionId: string,
  post: Pick<Post, 'id' | 'topic'>,
): Promise<void> {
  await removeConnection(connectionId, [...channelsOf(post), ...channelsOfNew(post)]).catch(
    (error: unknown) =>
      logger.error('A connection that is gone could not be removed.', { connectionId, error }),
  );
}
