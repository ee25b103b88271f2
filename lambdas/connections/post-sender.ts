import { setTimeout } from 'node:timers/promises';
import {
  ApiGatewayManagementApiClient,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import pMap from 'p-map';
import { type Connection, channelsOf, handshakeLimit } from '../../model/connection.ts';
import type { PostUpdated } from '../../model/messages.ts';
import type { PostState } from '../posts/read-post.ts';
import { logger } from '../runtime/logger.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';
import { removeConnection } from './connections-table.ts';

/** Made without an endpoint: the SDK reads it from `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`. */
const api = new ApiGatewayManagementApiClient(sdkSettings);

/** How long one send may take with the SDK's repeats of it, so that a client that hangs delays no other. */
const sendTimeout = 2_000;

/**
 * A connection answers 410 when it is gone, and likewise until its `$connect` handler has returned. Up to the age of
 * 30 s it may be the latter (API Gateway gives that handler 29 s): the send is tried again for longer than the handler
 * takes, with a second to spare for its answer's way, and the connection stays registered.
 */
const handshakeAge = 30_000;
const handshakePatience = handshakeLimit + 1_000;
const handshakePause = 250;

/** How many sends are under way at once: as many as the SDK keeps sockets. */
const concurrency = 50;

/**
 * What came of a send: `done` with; `gone`, and all that the table has of it removed, or if that failed, left to the next
 * push; or still `opening` after all that patience, which means that it was given up on its way, and is left likewise.
 */
export type Delivery = 'done' | 'gone' | 'opening';

/**
 * Gives what sends the state of a post to one connection. That throws what is worth another try; a message too large
 * is none, and logged.
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
        return 'done';
      } catch (error) {
        if (error instanceof PayloadTooLargeException) {
          logger.error('The update is too large for a WebSocket message.', { connectionId, error });
          return 'done';
        }
        if (!(error instanceof GoneException)) throw error;
      }
      if (Date.now() - Date.parse(connectedAt) > handshakeAge) {
        // No reason to send the post to the others again: the next push finds the connection gone, and removes it.
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
 * Sends the state of a post to each of these connections. Throws, after the others, if any send failed. The sends take at
 * most 5 s of patience, a pause and a last one of 2 s for each 50 connections: 73 s for the 500 of one event, if all of
 * them were being opened and none ever open. The removal of those that are gone comes on top: a few milliseconds each,
 * three calls for a connection of one channel, but up to 9 s a call while the table hangs. If the function's time ends
 * in it nothing is lost: Lambda runs the push again, and what a connection's item names is removed before the item.
 */
export async function sendToEach(state: PostState, connections: Connection[]): Promise<void> {
  const send = postSender(state);
  let failures = 0;
  await pMap(
    connections,
    (connection) =>
      send(connection).catch((error: unknown) => {
        logger.error('The update could not be sent.', { connectionId: connection.connectionId, error });
        failures += 1;
      }),
    { concurrency },
  );
  logger.info('The update is pushed.', { connections: connections.length, failures });
  if (failures > 0)
    throw new Error(`The push to ${connections.length} connections had failures: ${failures}.`);
}
