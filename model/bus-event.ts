import * as z from 'zod/mini';
import {
  BlogPostCreated,
  BlogPostUpdated,
  ConnectionOpened,
  ConnectionsToPush,
  DetailType,
  eventSource,
} from './events.ts';

/**
 * An event as a rule and its targets see it: what EventBridge says of every event, and the detail (EventBridge User
 * Guide, "Event structure reference").
 */
function busEvent<Detail extends z.ZodMiniType>(detailType: string, detail: Detail) {
  return z.object({
    version: z.literal('0'),
    /** Like a UUID, of no version. */
    id: z.guid(),
    'detail-type': z.literal(detailType),
    source: z.literal(eventSource),
    account: z.string(),
    /** To the second. */
    time: z.iso.datetime(),
    region: z.string(),
    resources: z.array(z.string()),
    detail,
  });
}

/** Every event on the blog bus, by its `detail-type`. */
export const blogBusEvents = {
  [DetailType.blogPostCreated]: busEvent(DetailType.blogPostCreated, BlogPostCreated),
};

/** Every event on the WebSocket bus, by its `detail-type`. */
export const webSocketBusEvents = {
  [DetailType.blogPostUpdated]: busEvent(DetailType.blogPostUpdated, BlogPostUpdated),
  [DetailType.connectionOpened]: busEvent(DetailType.connectionOpened, ConnectionOpened),
  [DetailType.connectionsToPush]: busEvent(DetailType.connectionsToPush, ConnectionsToPush),
};
