import * as z from 'zod/mini';
import {
  BlogPostCreated,
  BlogPostRemoved,
  BlogPostSaved,
  BlogPostUpdated,
  ConnectionOpened,
  ConnectionsToPush,
  DetailType,
  eventSource,
} from './events.ts';

/**
 * Returns the schema of an event as rules and targets see it (EventBridge User Guide, "Event
 * structure reference").
 */
function busEvent<Detail extends z.ZodMiniType>(detailType: string, detail: Detail) {
  return z.object({
    version: z.literal('0'),
    /** Has the form of a UUID, but no version. */
    id: z.guid(),
    'detail-type': z.literal(detailType),
    source: z.literal(eventSource),
    account: z.string(),
    /** With a precision of seconds. */
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
  [DetailType.blogPostSaved]: busEvent(DetailType.blogPostSaved, BlogPostSaved),
  [DetailType.blogPostUpdated]: busEvent(DetailType.blogPostUpdated, BlogPostUpdated),
  [DetailType.blogPostRemoved]: busEvent(DetailType.blogPostRemoved, BlogPostRemoved),
  [DetailType.connectionOpened]: busEvent(DetailType.connectionOpened, ConnectionOpened),
  [DetailType.connectionsToPush]: busEvent(DetailType.connectionsToPush, ConnectionsToPush),
};
