import { setTimeout } from 'node:timers/promises';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import pMap from 'p-map';
import { type Connection, channelsOf, handshakeLimit } from '../../model/connection.ts';
import type { PostUpdated } from '../../model/messages.ts';
import type { PostState } from '../posts/stored-post.ts';
import { httpStatus } from '../runtime/http-status.ts';
import { logger } from '../runtime/logger.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';
import { removeConnection } from './connections-table.ts';

/** The SDK reads the endpoint from `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`. */
const api = new ApiGatewayManagementApiClient(sdkSettings);

/**
 * The timeout of a send, the SDK's retries included, in milliseconds. A client that hangs delays no
 * other.
 */
const sendTimeout = 2_000;

/**
 * API Gateway answers 410 for a connection that is gone, and also until the `$connect` handler of a
 * connection has returned, for which it allows 29 s. A send to a connection up to the age of 30 s
 * is therefore retried for longer than that handler takes, with a second to spare for its response,
 * and the connection stays registered. All times are in milliseconds.
 */
const handshakeAge = 30_000;
const handshakePatience = handshakeLimit + 1_000;
const handshakePause = 250;

/** The number of concurrent sends: the SDK's default number of sockets. */
const concurrency = 50;

/** The statuses of `GoneException` and `PayloadTooLargeException` (API reference, `@connections`). */
const gone = 410;
const payloadTooLarge = 413;

/**
 * The outcome of a send. `gone`: the connection is removed or, if that failed, left to the next
 * push. `opening`: the connection was not open when the retries ended, and is left to the next
 * push. `tooLarge`: the message is logged and never sent.
 */
export type Delivery = 'delivered' | 'gone' | 'opening' | 'tooLarge';

/**
 * Returns a function that sends the state of a post to one connection. It throws on errors that are
 * worth a retry.
 */
export function postSender({ revision, post }: PostState) {
  const message: PostUpdated = { type: 'post.updated', revision, post };
  const Data = JSON.stringify(message);

  return async ({ connectionId, connectedAt }: Connection): Promise<Delivery> => {
    const end = Date.now() + handshakePatience;
    for (;;) {
      try {
        await api.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }), {
          abortSignal: AbortSignal.timeout(sendTimeout),
        });
        return 'delivered';
      } catch (error) {
        if (httpStatus(error) === payloadTooLarge) {
          logger.error('The update is too large for a WebSocket message.', { connectionId, error });
          return 'tooLarge';
        }
        if (httpStatus(error) !== gone) throw error;
      }
      if (Date.now() - Date.parse(connectedAt) > handshakeAge) {
        // A failure here must not repeat the push to others: the next push removes the connection.
        await removeConnection(connectionId, channelsOf(post)).catch((error: unknown) =>
          logger.error('A connection that is gone could not be removed.', { connectionId, error }),
        );
        logger.info('A connection is gone.', { connectionId });
        return 'gone';
      }
      if (Date.now() > end) return 'opening';
      await setTimeout(handshakePause);
    }
  };
}

/**
 * Sends the state of a post to each connection, and logs how many had which outcome. Throws, after
 * all sends, if any of them failed.
 *
 * Each 50 connections take at most 5 s of retries, a pause and a last send of 2 s: 73 s for the 500
 * of one event, if all of them are opening and none ever opens. Removing connections that are gone
 * takes a few milliseconds each, three calls for a connection with one channel, but up to 9 s a
 * call while the table hangs. A timeout of the function loses nothing: Lambda retries the push, and
 * the memberships of a connection are removed before its item.
 */
export async function sendToEach(state: PostState, connections: Connection[]): Promise<void> {
  const send = postSender(state);
  const outcomes: Record<'delivered' | 'gone' | 'failed', number> & Partial<Record<Delivery, number>> = {
    delivered: 0,
    gone: 0,
    failed: 0,
  };
  await pMap(
    connections,
    async (connection) => {
      const outcome = await send(connection).catch((error: unknown) => {
        logger.error('The update could not be sent.', { connectionId: connection.connectionId, error });
        return 'failed' as const;
      });
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
    { concurrency },
  );
  logger.info('The update is pushed.', { ...outcomes });
  if (outcomes.failed > 0)
    throw new Error(`The push failed for ${outcomes.failed} of ${connections.length} connections.`);
}
