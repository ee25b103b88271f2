import * as z from 'zod/mini';
import { type Connection, channelsOf, channelsOfNew } from '../model/connection.ts';
import type { EventMetadata } from '../model/event-metadata.ts';
import {
  BlogPostRemoved,
  BlogPostSaved,
  BlogPostUpdated,
  blogPostRemoved,
  blogPostUpdated,
  connectionsPerEvent,
} from '../model/events.ts';
import { parse } from '../model/parse.ts';
import { type Post, Revision } from '../model/post.ts';
import { connectionsIn } from './connections/connections-table.ts';
import { connectionsToPush } from './connections/connections-to-push.ts';
import { push } from './connections/push.ts';
import { WEBSOCKET_BUS } from './events/environment.ts';
import { batchesOf, putEvents } from './events/event-bus.ts';
import { readPost } from './posts/read-post.ts';
import { isAt, type PostState, type RemovedPost, subjectOf } from './posts/stored-post.ts';
import { BlogMetric } from './runtime/blog-metrics.ts';
import { logger } from './runtime/logger.ts';
import { measure } from './runtime/metrics.ts';

const Event = z.object({
  /**
   * Present if EventBridge replays the event from an archive (EventBridge User Guide, "Archives").
   */
  'replay-name': z.optional(z.string()),
  detail: z.union([BlogPostSaved, BlogPostUpdated, BlogPostRemoved]),
});
type Event = z.infer<typeof Event>;

/** What asks for a push, and what is called when it has begun, perhaps several times. */
interface Cause {
  metadata: EventMetadata;
  /** The only revision that is to be sent, if only one is. */
  revision?: number;
  onBegun?: () => void;
}

/**
 * Handles `BlogPostUpdated` and `BlogPostRemoved`: sends the current state of the post, or its
 * removal, to each client that listens to it. Handles `BlogPostSaved`: sends the new post to each
 * client that asked for new ones. Failed sends are left to `push-to-connections`. If there are more
 * clients than one event can name, it splits them into parts for that function, each with its own
 * retries. Throws, after all other work, on errors that are worth a retry: connections that it
 * could not read or put on the bus, or a send to all connections that failed.
 */
export async function handler(event: unknown): Promise<void> {
  const parsed = parse(Event, event, 'The event');
  const { detail } = parsed;
  const isRemoval = 'postId' in detail;
  const subject = isRemoval ? { id: detail.postId, topic: detail.topic } : detail.post;
  const { metadata = derivedMetadata(detail) } = detail;
  logger.setCorrelationId(subject.id);
  logger.appendKeys({ event_id: metadata.eventId });
  if (detail.revision === Revision.created) return pushNew(subject, metadata);
  // Concurrently, because the channels of a post never change.
  const [stored, { connections, errors }] = await Promise.all([
    readPost(subject.id),
    connectionsOf(channelsOf(subject)),
  ]);
  // The tombstone of a removal that was retried for a day may have expired.
  const state = stored ?? (isRemoval ? { removed: subject } : undefined);
  if (!state) {
    logger.info('The post is deleted.');
    return;
  }
  // Clients receive the removal of a removed post instead of its enrichment.
  const measureOnce = 'removed' in state ? () => {} : timeToPush(parsed, metadata);
  await pushOrSplit(state, connections, { metadata, onBegun: measureOnce });
  if (errors.length > 0) throw new Error('Not all connections could be read.');
  // If nobody listens, nothing was sent, but the post has come as far as it can.
  measureOnce();
}

/**
 * Sends a new post to the clients that asked for new ones, unless it has changed meanwhile: the
 * same clients receive that change, or the removal, by its own event.
 */
async function pushNew(post: Pick<Post, 'id' | 'topic'>, metadata: EventMetadata): Promise<void> {
  const { connections, errors } = await connectionsOf(channelsOfNew(post));
  // Read last, because the enrichment is near; and not at all if nobody asked for new posts.
  const state = connections.length > 0 ? await readPost(post.id) : undefined;
  const revision = Revision.created;
  if (state && isAt(revision, state)) await pushOrSplit(state, connections, { metadata, revision });
  else if (connections.length > 0) logger.info('The post has changed, or is deleted.');
  if (errors.length > 0) throw new Error('Not all connections could be read.');
}

async function pushOrSplit(
  state: PostState | RemovedPost,
  connections: Connection[],
  { onBegun = () => {}, ...cause }: Cause,
): Promise<void> {
  if (connections.length <= connectionsPerEvent)
    await push(state, connections, { ...cause, onDelivered: onBegun });
  else await split(subjectOf(state).id, connections, { ...cause, onBegun });
}

/**
 * Returns a function that measures, at its first call, the time from the creation of a post to its
 * first push. It measures nothing if the event is a replay or not the enrichment of the post.
 * See docs/decisions/what-is-measured.md.
 */
function timeToPush({ 'replay-name': replay, detail }: Event, { eventId }: EventMetadata): () => void {
  const isEnrichment = 'post' in detail && detail.revision === Revision.enriched;
  let createdAt = isEnrichment && replay === undefined ? detail.post.createdAt : undefined;
  return () => {
    if (createdAt === undefined) return;
    // The clocks of two functions can differ.
    const time = Math.max(0, Date.now() - Date.parse(createdAt));
    createdAt = undefined;
    measure(BlogMetric.timeToPush, time, 'The enriched post is pushed for the first time.', {
      event_id: eventId,
    });
  };
}

/** Returns the metadata of an event that was put without it. */
function derivedMetadata(detail: BlogPostUpdated | BlogPostRemoved): EventMetadata {
  if ('post' in detail) return blogPostUpdated(detail, detail.post.createdAt).metadata;
  const { postId: id } = detail;
  return blogPostRemoved({ ...detail, id, removalId: id, updatedAt: new Date().toISOString() }).metadata;
}

/** Reads the connections in channels, each once. Returns the errors of incomplete reads too. */
async function connectionsOf(channels: string[]): Promise<{ connections: Connection[]; errors: unknown[] }> {
  const found = new Map<string, Connection>();
  const reads = await Promise.allSettled(
    channels.map(async (channel) => {
      for await (const page of connectionsIn(channel))
        for (const connection of page) found.set(connection.connectionId, connection);
    }),
  );
  const errors = reads.flatMap((read) => (read.status === 'rejected' ? [read.reason] : []));
  for (const error of errors) logger.error('Not all connections could be read.', { error });
  return { connections: [...found.values()], errors };
}

/**
 * Puts an event for each part of the connections on the WebSocket bus. If the bus refuses parts, it
 * throws after it has put all the others.
 * @param cause.onBegun called after each call that has put a part
 */
async function split(
  postId: string,
  connections: Connection[],
  { metadata, revision, onBegun = () => {} }: Cause,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(connections.length / connectionsPerEvent) }, (_, part) => {
    const first = part * connectionsPerEvent;
    return connectionsToPush(metadata, {
      postId,
      ...(revision !== undefined && { revision }),
      connections: connections.slice(first, first + connectionsPerEvent),
    });
  });
  const refused: string[] = [];
  for (const batch of batchesOf(parts)) {
    try {
      const refusals = [...(await putEvents(WEBSOCKET_BUS, batch)).values()];
      refused.push(...refusals.map(({ ErrorCode }) => ErrorCode));
      if (refusals.length < batch.length) onBegun();
    } catch (error) {
      logger.error('A call to put parts of the push on the bus failed.', { parts: batch.length, error });
      refused.push(...batch.map(() => 'no answer'));
    }
  }
  logger.info('The push is split.', { connections: connections.length, parts: parts.length, refused });
  if (refused.length > 0)
    throw new Error(`The bus did not accept ${refused.length} of ${parts.length} events.`);
}
