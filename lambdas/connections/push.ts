import pMap from 'p-map';
import type { EventMetadata } from '../../model/event-metadata.ts';
import type { ConnectionToPush } from '../../model/events.ts';
import { WEBSOCKET_BUS } from '../events/environment.ts';
import { putEvent } from '../events/event-bus.ts';
import { type PostState, type RemovedPost, subjectOf } from '../posts/stored-post.ts';
import { logger } from '../runtime/logger.ts';
import { connectionsToPush } from './connections-to-push.ts';
import { closeConnection, isTimeout } from './management-api.ts';
import { type Delivery, forgetConnection, postSender } from './post-sender.ts';

/** The number of concurrent sends: the SDK's default number of sockets. */
const concurrency = 50;

/** The number of sends of a push that time out in a row, after which a connection is closed. */
const maxTimeouts = 3;

/** The maximum number of events for one push, the first one included. */
const maxAttempts = 5;

interface Failure {
  connection: ConnectionToPush;
  timedOut: boolean;
}

/** What asks for a push. */
interface PushCause {
  metadata: EventMetadata;
  /** The number of the event, 1 for the first. */
  attempt?: number | undefined;
  /** The only revision that is to be sent, if only one is. */
  revision?: number | undefined;
  /** Called each time a connection has received the state. */
  onDelivered?: () => void;
}

/**
 * Sends the state of a post, or its removal, to each connection, and logs the number of each
 * outcome. If some sends failed and other connections have received the state, it puts
 * `ConnectionsToPush` on the bus with the connections that failed, which are then retried
 * immediately. Throws, after all sends, if a retry has to wait: nobody received the state, a
 * further attempt changed nothing, or there were too many attempts. Lambda then retries the event
 * after a minute.
 *
 * Each 50 connections take at most 5 s of retries, a pause, a last send of 2 s and a close of 2 s:
 * 93 s for the 500 of one event, if all of them are opening and none ever opens. Removing
 * connections that are gone takes a few milliseconds each, three calls for a connection with one
 * channel, but up to 9 s a call while the table hangs. A timeout of the function loses nothing:
 * Lambda retries the push, and the memberships of a connection are removed before its item.
 */
export async function push(
  state: PostState | RemovedPost,
  connections: ConnectionToPush[],
  { metadata, attempt = 1, revision, onDelivered = () => {} }: PushCause,
): Promise<void> {
  const { delivered, failures } = await sendToEach(state, connections, onDelivered);
  if (failures.length === 0) return;
  const error = new Error(`The push failed for ${failures.length} of ${connections.length} connections.`);
  // A further attempt exists only if a connection has received the state in the first one.
  const othersReceived = attempt > 1 || delivered > 0;
  const isChanged = failures.length < connections.length || failures.some(({ timedOut }) => timedOut);
  if (!othersReceived || !isChanged || attempt >= maxAttempts) throw error;
  logger.info('The failed sends are handed on.', { connections: failures.length, attempt: attempt + 1 });
  await putEvent(
    WEBSOCKET_BUS,
    connectionsToPush(metadata, {
      postId: subjectOf(state).id,
      attempt: attempt + 1,
      ...(revision !== undefined && { revision }),
      connections: failures.map(({ connection: { connectionId, connectedAt, timeouts = 0 }, timedOut }) => ({
        connectionId,
        connectedAt,
        ...(timedOut && { timeouts: timeouts + 1 }),
      })),
    }),
  );
}

async function sendToEach(
  state: PostState | RemovedPost,
  connections: ConnectionToPush[],
  onDelivered: () => void,
): Promise<{ delivered: number; failures: Failure[] }> {
  const send = postSender(state);
  const outcomes: Record<'delivered' | 'gone' | 'failed', number> &
    Partial<Record<Delivery | 'closed', number>> = { delivered: 0, gone: 0, failed: 0 };
  const failures: Failure[] = [];
  await pMap(
    connections,
    async (connection) => {
      const outcome = await send(connection).catch(async (error: unknown) => {
        const { connectionId, timeouts = 0 } = connection;
        logger.error('The update could not be sent.', { connectionId, error });
        const timedOut = isTimeout(error);
        if (timedOut && timeouts + 1 >= maxTimeouts && (await close(state, connectionId))) return 'closed';
        failures.push({ connection, timedOut });
        return 'failed';
      });
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcome === 'delivered') onDelivered();
    },
    { concurrency },
  );
  logger.info('The update is pushed.', { ...outcomes });
  return { delivered: outcomes.delivered, failures };
}

/** Closes a connection whose client does not read. Returns whether it is closed, or was gone. */
async function close(state: PostState | RemovedPost, connectionId: string): Promise<boolean> {
  try {
    await closeConnection(connectionId);
  } catch (error) {
    logger.error('A connection whose client does not read could not be closed.', { connectionId, error });
    return false;
  }
  await forgetConnection(connectionId, subjectOf(state));
  logger.info('A connection whose client does not read is closed.', { connectionId });
  return true;
}
