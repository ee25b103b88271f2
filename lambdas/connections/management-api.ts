import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import * as z from 'zod/mini';
import { httpStatus } from '../runtime/http-status.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';

/** The SDK reads the endpoint from `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`. */
const api = new ApiGatewayManagementApiClient(sdkSettings);

/**
 * The timeout of a call, the SDK's retries included, in milliseconds. A client that hangs does not
 * delay the others.
 */
const callTimeout = 2_000;

/** The statuses of `GoneException` and `PayloadTooLargeException` (API reference, `@connections`). */
export const gone = 410;
export const payloadTooLarge = 413;

/** The error of a call whose first attempt got no response until the call timed out. */
const Unanswered = z.object({
  name: z.literal(['AbortError', 'TimeoutError']),
  $metadata: z.object({ attempts: z.literal(1) }),
});

/** Sends a message to a connection. */
export async function postToConnection(ConnectionId: string, Data: string): Promise<void> {
  await api.send(new PostToConnectionCommand({ ConnectionId, Data }), {
    abortSignal: AbortSignal.timeout(callTimeout),
  });
}

/** Closes a connection. Also succeeds if the connection is gone. */
export async function closeConnection(ConnectionId: string): Promise<void> {
  try {
    await api.send(new DeleteConnectionCommand({ ConnectionId }), {
      abortSignal: AbortSignal.timeout(callTimeout),
    });
  } catch (error) {
    if (httpStatus(error) !== gone) throw error;
  }
}

/**
 * Returns whether a call failed because API Gateway did not answer it in time, as for a client that
 * does not read. Returns false if an attempt was throttled or failed, even if a later one timed
 * out.
 */
export function isTimeout(error: unknown): boolean {
  return Unanswered.safeParse(error).success;
}
