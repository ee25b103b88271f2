import * as z from 'zod/mini';
import { Channel, type Connection, handshakeLimit, maxSubscriptions } from '../model/connection.ts';
import { connectionOpened, DetailType } from '../model/events.ts';
import {
  ClientMessage,
  Interest,
  type ServerMessage,
  type Subscribe,
  type SubscribedToPost,
  type Unsubscribe,
} from '../model/messages.ts';
import { parse } from '../model/parse.ts';
import {
  addConnection,
  joinChannels,
  leaveChannels,
  removeConnection,
} from './connections/connections-table.ts';
import { WEBSOCKET_BUS } from './events/environment.ts';
import { busEvent, putEvent } from './events/event-bus.ts';
import { readPost } from './posts/read-post.ts';
import { BlogMetric } from './runtime/blog-metrics.ts';
import { logger } from './runtime/logger.ts';
import { measure } from './runtime/metrics.ts';

/** The parts used of an event of an API Gateway WebSocket API. */
const Event = z.object({
  requestContext: z.object({
    routeKey: z.enum(['$connect', '$disconnect', '$default']),
    connectionId: z.string(),
    requestId: z.optional(z.string()),
    /** Milliseconds since the epoch. */
    connectedAt: z.int(),
  }),
  queryStringParameters: z.optional(z.unknown()),
  body: z.optional(z.string()),
});

/**
 * Handles the routes of the WebSocket API: maintains the Connections table and answers messages of
 * clients.
 */
export async function handler(event: unknown): Promise<{ statusCode: number; body?: string }> {
  const { requestContext, queryStringParameters, body = '' } = parse(Event, event, 'The event');
  const { routeKey, connectionId } = requestContext;
  const connection = { connectionId, connectedAt: new Date(requestContext.connectedAt).toISOString() };
  logger.setCorrelationId(connectionId);
  switch (routeKey) {
    case '$connect': {
      const interest = Interest.safeParse(queryStringParameters ?? {});
      if (!interest.success) return { statusCode: 400 };
      await open(connection, interest.data, requestContext.requestId);
      return { statusCode: 200 };
    }
    case '$disconnect':
      await removeConnection(connectionId);
      measure(BlogMetric.connectionsClosed, 1, 'A client disconnected.');
      return { statusCode: 200 };
    case '$default':
      return { statusCode: 200, body: JSON.stringify(await answerTo(body, connection)) };
  }
}

/**
 * Registers a new connection and puts the event by which it receives the state of the post that it
 * watches. Throws if that is not done before a push gives up on the connection: API Gateway then
 * refuses the connection, and the client connects again. It removes whatever it registered, so that
 * no push waits for the connection to open.
 */
async function open(
  connection: Connection,
  { topic, postId, from }: Interest,
  requestId: string | undefined,
): Promise<void> {
  const channels: string[] = [];
  if (topic !== undefined) channels.push(...withCreated(Channel.topic(topic), from));
  if (postId !== undefined) channels.push(Channel.post(postId));
  if (channels.length === 0) channels.push(...withCreated(Channel.all, from));
  const { connectionId } = connection;
  const deadline = AbortSignal.timeout(handshakeLimit);
  try {
    await addConnection(connection, channels, deadline);
    // After registering: later changes are pushed, and earlier ones are read for this event.
    if (postId !== undefined) {
      const opened = connectionOpened(connection, postId, requestId);
      await putEvent(WEBSOCKET_BUS, busEvent(DetailType.connectionOpened, opened), deadline);
    }
  } catch (error) {
    await removeConnection(connectionId).catch((cause: unknown) =>
      logger.error('A connection that is refused could not be removed.', { error: cause }),
    );
    throw error;
  }
  measure(BlogMetric.connectionsOpened, 1, 'A client connected.', { channels: channels.join(', ') });
}

/** Returns a channel, and the one of its new posts for a client that wants posts `from` then on. */
function withCreated(channel: string, from: Interest['from']): string[] {
  return from === undefined ? [channel] : [channel, Channel.created(channel)];
}

async function answerTo(body: string, connection: Connection): Promise<ServerMessage> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { type: 'error', message: 'The message is not JSON.' };
  }
  const { data: message, error } = ClientMessage.safeParse(json);
  if (error) {
    const wrong = error.issues.map(({ path, message }) => `${path.join('.') || 'action'} ${message}`);
    return { type: 'error', message: `The message is not understood: ${wrong.join(', ')}.` };
  }
  if (message.action === 'ping') return { type: 'pong' };
  try {
    return await follow(connection, message);
  } catch (error) {
    logger.error('A message could not be processed.', { ...message, error });
    const { action, postId, topic } = message;
    return { type: 'error', message: `The "${action}" for ${postId ?? topic} failed. Please try again.` };
  }
}

/** Begins or ends a subscription, and returns the response to the client. */
async function follow(connection: Connection, message: Subscribe | Unsubscribe): Promise<ServerMessage> {
  // The schema accepts exactly one of the two.
  const { postId, topic = '' } = message;
  const subject = postId === undefined ? { topic } : { postId };
  const channel = postId === undefined ? Channel.topic(topic) : Channel.post(postId);
  if (message.action === 'unsubscribe') {
    await leaveChannels(connection, postId === undefined ? withCreated(channel, 'created') : [channel]);
    logger.info('A client unsubscribed.', subject);
    return { type: 'unsubscribed', ...subject };
  }
  const { from } = message;
  const outcome = await joinChannels(connection, withCreated(channel, from));
  if (outcome === 'full') {
    const message = `A connection may hold ${maxSubscriptions} subscriptions. To add ${postId ?? topic}, unsubscribe from another first.`;
    return { type: 'error', message };
  }
  if (outcome === 'not registered')
    return { type: 'error', message: 'This connection is no longer registered. Connect again.' };
  logger.info('A client subscribed.', { ...subject, from });
  // After registering: later changes are pushed, and earlier ones are in the response.
  return {
    type: 'subscribed',
    ...subject,
    ...(from !== undefined && { from }),
    ...(postId !== undefined && (await stateOf(postId))),
  };
}

/** Returns what the response to a subscription says of a post; nothing if there is no such post. */
async function stateOf(postId: string): Promise<Partial<SubscribedToPost>> {
  const state = await readPost(postId);
  return state && 'removed' in state ? { removed: true } : { ...state };
}
