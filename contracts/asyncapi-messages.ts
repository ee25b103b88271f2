import { schemaVersion } from '../model/event-metadata.ts';
import {
  blogPostCreated,
  blogPostRemoved,
  blogPostSaved,
  blogPostUpdated,
  connectionOpened,
  DetailType,
  eventSource,
} from '../model/events.ts';
import { notification } from '../model/notification.ts';
import type { Message } from './asyncapi-format.ts';
import { exampleCreatedPost, exampleEnrichedPost } from './examples.ts';

const { id: postId, topic } = exampleEnrichedPost;
const summer = { topic };
const watched = { postId };
const enriched = { revision: 2, post: exampleEnrichedPost };
const connectionId = 'L0SM9cOFvHcCIhw=';
const created = blogPostCreated(
  exampleCreatedPost,
  `https://abcdefghij.execute-api.us-east-1.amazonaws.com/dev/posts/${postId}`,
  'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
);
const saved = blogPostSaved(exampleCreatedPost, created.metadata.causationId);
const updated = blogPostUpdated(enriched, '2026-01-31T09:30:02.000Z');
const removal = blogPostRemoved({
  id: postId,
  topic,
  revision: 3,
  removalId: '5d7a1b0c-3f0e-4b53-9d3a-2f8c1f1f7c11',
  updatedAt: '2026-01-31T11:00:00.000Z',
});
const opened = connectionOpened(
  { connectionId, connectedAt: '2026-01-31T09:29:00.000Z' },
  postId,
  'L0SM9G8nPHcFqNA=',
);
const toPush = {
  version: 1,
  metadata: {
    eventId: '3a0e4a55-2b5c-5c87-9d3b-7c2a4f3b8f10',
    correlationId: postId,
    causationId: updated.metadata.eventId,
    time: updated.metadata.time,
    schemaVersion,
  },
  postId,
  attempt: 2,
  connections: [{ connectionId, connectedAt: '2026-01-31T09:29:00.000Z', timeouts: 1 }],
};

const message = (name: string, summary: string, ...examples: unknown[]): Message => ({
  summary,
  contentType: 'application/json',
  payload: { $ref: `#/components/schemas/${name}` },
  examples: examples.map((payload) => ({ payload })),
});

/** Returns the message of an event with this detail, as the bus delivers it. */
const event = (detailType: string, summary: string, detail: object) =>
  message(detailType, summary, {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': detailType,
    source: eventSource,
    account: '123456789012',
    time: '2026-01-31T09:30:00Z',
    region: 'us-east-1',
    resources: [],
    detail,
  });

/** The messages from WebSocket clients, with examples. */
export const fromClients = {
  Ping: message('Ping', 'Requests a pong. A ping also keeps an idle connection open.', {
    action: 'ping',
  }),
  Subscribe: message(
    'Subscribe',
    'Requests the updates of this post, and its current state, or the updates of the posts of this topic. With `from`, new posts of this topic too.',
    { action: 'subscribe', ...watched },
    { action: 'subscribe', ...summer },
    { action: 'subscribe', ...summer, from: 'created' },
  ),
  Unsubscribe: message(
    'Unsubscribe',
    'Ends the updates of this post, or of the posts of this topic.',
    { action: 'unsubscribe', ...watched },
    { action: 'unsubscribe', ...summer },
  ),
};

/** The messages to WebSocket clients, with examples. */
export const toClients = {
  Pong: message('Pong', 'The response to a ping.', { type: 'pong' }),
  Subscribed: message(
    'Subscribed',
    'The client is subscribed. If the post exists, the message contains its state. If it was removed in the last day, `removed` is true.',
    { type: 'subscribed', ...watched, ...enriched },
    { type: 'subscribed', ...watched, removed: true },
    { type: 'subscribed', ...summer },
    { type: 'subscribed', ...summer, from: 'created' },
  ),
  Unsubscribed: message(
    'Unsubscribed',
    'The client is not subscribed, or no longer.',
    { type: 'unsubscribed', ...watched },
    { type: 'unsubscribed', ...summer },
  ),
  PostCreated: message(
    'PostCreated',
    'A new post, before its enrichment, for a client that asked for posts `from=created`. Ignore it if you have received any state of that post.',
    { type: 'post.created', revision: 1, post: exampleCreatedPost },
  ),
  PostUpdated: message(
    'PostUpdated',
    'The state of a changed post. Ignore a revision that is not above the last one that you received for that post.',
    { type: 'post.updated', ...enriched },
  ),
  PostRemoved: message(
    'PostRemoved',
    'The post was removed. Ignore every message about it that arrives later.',
    { type: 'post.removed', ...watched },
  ),
  Error: message('Error', 'The last message could not be processed. The connection stays open.', {
    type: 'error',
    message: 'The message is not JSON.',
  }),
  GatewayError: message(
    'GatewayError',
    'API Gateway could not process the last message. Send it again later.',
    {
      message: 'Internal server error',
      connectionId,
      requestId: 'L0SNGGzPPHcFqNA=',
    },
  ),
};

/** The events on the blog bus, with examples. */
export const onBlogBus = {
  [DetailType.blogPostCreated]: event(DetailType.blogPostCreated, 'A post has been saved.', created),
};

/** The events on the WebSocket bus, with examples. */
export const onWebSocketBus = {
  [DetailType.blogPostSaved]: event(
    DetailType.blogPostSaved,
    'A new post is in the table, announced or not.',
    saved,
  ),
  [DetailType.blogPostUpdated]: event(
    DetailType.blogPostUpdated,
    'A post has changed in a way that readers see.',
    updated,
  ),
  [DetailType.blogPostRemoved]: event(DetailType.blogPostRemoved, 'An operator has removed a post.', removal),
  [DetailType.connectionOpened]: event(
    DetailType.connectionOpened,
    'A client that watches a post is registered and connecting.',
    opened,
  ),
  [DetailType.connectionsToPush]: event(
    DetailType.connectionsToPush,
    'The state of a post is to be sent to these connections.',
    toPush,
  ),
};

/** The messages on the topic, with examples. */
export const onTopic = {
  Notification: message(
    'Notification',
    'A post has been saved. Subscriptions filter by `topic`. The message is the text of the e-mail.',
    notification(created, 'https://d111111abcdef8.cloudfront.net'),
  ),
};
