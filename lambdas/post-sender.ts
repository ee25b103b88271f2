import { setTimeout } from 'node:timers/promises';
import {
  ApiGatewayManagementApiClient,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { type Connection, channelsOf, handshakeLimit } from './model/connection.ts';
import type { PostUpdated } from './model/messages.ts';
import type { PostState } from './read-post.ts';
import { sdkSettings } from './sdk-settings.ts';
import { table } from './table-client.ts';

/** Made without an endpoint: the SDK reads it from `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`. */
const api = new ApiGatewayManagementApiClient(sdkSettings);

/** How long one send may take with the SDK's repeats of it, so that a client that hangs delays no other. */
const sendTimeout = 2_000;

/**
 * A connection answers 410 when it is gone, and likewise until its `$connect` handler has returned. Up to the age of
 * 30 s it may be the latter (API Gateway gives that handler 29 s): the send is tried again for longer than the handler
 * takes, with a second to spare for its answer's way, and the row stays.
 */
const handshakeAge = 30_000;
const handshakePatience = handshakeLimit + 1_000;
const handshakePause = 250;

/**
 * What came of a send: `done` with; `gone`, and the rows of the connection removed; or still `opening` after all that
 * patience, which means that it was given up on its way, and its row is left to the next push.
 */
export type Delivery = 'done' | 'gone' | 'opening';

/**
 * Gives what sends the state of a post to one connection. That throws what is worth another try; a message too large
 * is none, and logged.
 */
export function postSender({ revision, post }: PostState) {
  const message: PostUpdated = { type: 'post.updated', revision, post };
  const Data = JSON.stringify(message);

  /** Takes the connection out of each channel in which this post finds it. */
  const remove = async (connectionId: string): Promise<void> => {
    const TableName = environment(Environment.connectionsTable);
    await Promise.all(
      channelsOf(post).map((channel) =>
        table.send(new DeleteCommand({ TableName, Key: { channel, connectionId } })),
      ),
    );
    logger.info('A connection is gone.', { connectionId });
  };

  return async ({
    connectionId,
    connectedAt,
  }: Pick<Connection, 'connectionId' | 'connectedAt'>): Promise<Delivery> => {
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
        await remove(connectionId);
        return 'gone';
      }
      if (Date.now() > end) return 'opening';
      await setTimeout(handshakePause);
    }
  };
}
