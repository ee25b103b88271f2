import * as z from 'zod/mini';
import { blogBusEvents, webSocketBusEvents } from '../model/bus-event.ts';
import { maxSubscriptions } from '../model/connection.ts';
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
import {
  ErrorMessage,
  Interest,
  Ping,
  Pong,
  PostCreated,
  PostRemoved,
  PostUpdated,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Unsubscribed,
} from '../model/messages.ts';
import { Notification, notification } from '../model/notification.ts';
import type { AsyncApi, Channel, Message, Operation } from './asyncapi-format.ts';
import { exampleCreatedPost, exampleEnrichedPost } from './examples.ts';
import { jsonSchema, jsonSchemas, postSchemas } from './json-schemas.ts';

/** API Gateway's response to a message that it throttles, or whose function fails. */
const GatewayError = z.object({ message: z.string(), connectionId: z.string(), requestId: z.string() });

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

const fromClients = {
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

const toClients = {
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

const onBlogBus = {
  [DetailType.blogPostCreated]: event(DetailType.blogPostCreated, 'A post has been saved.', created),
};

const onWebSocketBus = {
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

const onTopic = {
  Notification: message(
    'Notification',
    'A post has been saved. Subscriptions filter by `topic`. The message is the text of the e-mail.',
    notification(created, 'https://d111111abcdef8.cloudfront.net'),
  ),
};

function channel(server: string, messages: object, more: Omit<Channel, 'servers' | 'messages'>): Channel {
  return {
    ...more,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
  };
}

/** Returns an operation. `messages` and `replies` are names of the channel's messages. */
function operation(
  action: Operation['action'],
  channel: string,
  summary: string,
  { messages, replies }: { messages: string[]; replies?: string[] },
): Operation {
  const $ref = `#/channels/${channel}`;
  const references = (names: string[]) => names.map((name) => ({ $ref: `${$ref}/messages/${name}` }));
  return {
    action,
    channel: { $ref },
    summary,
    messages: references(messages),
    ...(replies && { reply: { channel: { $ref }, messages: references(replies) } }),
  };
}

/** API Gateway processes the messages of a connection concurrently. */
const inOrder =
  'Wait for the response before you send the opposite request for the same post or topic, because messages are processed concurrently.';

/** The responses to a message that is refused or fails. */
const refusals = ['Error', 'GatewayError'];

/**
 * The AsyncAPI document: the WebSocket API for clients, and the two buses and the topic for
 * consumers.
 */
export const asyncApi: AsyncApi = {
  asyncapi: '3.0.0',
  info: {
    title: 'Event-driven blog: WebSocket API and events',
    version: '1.0.0',
    description:
      'The updates of posts for clients, and the events for consumers. Messages and events can arrive more than once, and events out of order.',
    license: { name: 'MIT' },
  },
  defaultContentType: 'application/json',
  servers: {
    webSocketApi: {
      host: 'abcdefghij.execute-api.us-east-1.amazonaws.com',
      pathname: '/dev',
      protocol: 'wss',
      description: 'The output `WebSocketUrl` of the stack',
    },
    eventBridge: {
      host: 'events.us-east-1.amazonaws.com',
      protocol: 'eventbridge',
      description: 'Amazon EventBridge',
    },
    sns: { host: 'sns.us-east-1.amazonaws.com', protocol: 'sns', description: 'Amazon SNS' },
  },
  channels: {
    updates: channel(
      'webSocketApi',
      { ...fromClients, ...toClients },
      {
        address: '/',
        description: [
          `The updates of every post, of the posts of a topic, or of one post, as the query says. With \`from=created\`, which does not go with a post alone, new posts are sent too. The state of the one post is sent immediately if it has changed since its creation, and so is its removal for a day. A connection can have ${maxSubscriptions} subscriptions. One with \`from\` counts as two.`,
          'A connect is refused with an HTTP status: 400 if a parameter is not valid, 429 if there are too many requests, 5xx if it could not be served. After a 429 or a 5xx, retry later.',
          'A connection is closed with the code 1001 after 10 minutes without a message and after 2 hours, with 1003 after a binary frame, and with 1009 after a frame of over 32 KB or a message of over 128 KB.',
        ].join(' '),
        bindings: {
          ws: { method: 'GET', query: jsonSchema(Interest, 'draft-7') },
        },
      },
    ),
    blogBus: channel('eventBridge', onBlogBus, {
      address: null,
      description:
        'The events that say what happened to posts. The bus is the output `BlogBusName` of the stack.',
    }),
    webSocketBus: channel('eventBridge', onWebSocketBus, {
      address: null,
      description:
        'The events that say what is to be sent to clients. The bus is the output `WebSocketBusName` of the stack.',
    }),
    topic: channel('sns', onTopic, {
      address: null,
      description:
        'The announcements of posts for subscribers. The topic is the output `TopicArn` of the stack. A subscription filters by `{"topic": ["summer"]}` with the `FilterPolicyScope` `MessageBody`.',
    }),
  },
  operations: {
    ping: operation('receive', 'updates', 'Answer a ping', {
      messages: ['Ping'],
      replies: ['Pong', ...refusals],
    }),
    subscribe: operation('receive', 'updates', 'Subscribe a client', {
      messages: ['Subscribe'],
      replies: ['Subscribed', ...refusals],
    }),
    unsubscribe: operation('receive', 'updates', 'Unsubscribe a client', {
      messages: ['Unsubscribe'],
      replies: ['Unsubscribed', ...refusals],
    }),
    pushPostUpdate: operation('send', 'updates', 'Send the state of a post, or its removal', {
      messages: ['PostCreated', 'PostUpdated', 'PostRemoved'],
    }),
    refuseMessage: operation('send', 'updates', 'Say why a message could not be processed', {
      messages: refusals,
    }),
    tellOfPosts: operation('send', 'blogBus', 'Put the events that say what happened to posts', {
      messages: Object.keys(onBlogBus),
    }),
    tellSenders: operation('send', 'webSocketBus', 'Put the events that say what is to be sent to clients', {
      messages: Object.keys(onWebSocketBus),
    }),
    notifySubscribers: operation('send', 'topic', 'Announce a new post to subscribers', {
      messages: Object.keys(onTopic),
    }),
  },
  components: {
    schemas: jsonSchemas(
      {
        ...postSchemas,
        Ping: { schema: Ping, description: 'Requests a `Pong`.' },
        Subscribe: {
          schema: Subscribe,
          description: `Requests the updates of a post, or of the posts of a topic; \`from\` goes with a topic only. ${inOrder}`,
          oneOf: [{ required: ['postId'] }, { required: ['topic'] }],
        },
        Unsubscribe: {
          schema: Unsubscribe,
          description: `Ends the subscription that a \`Subscribe\` with the same \`postId\` or \`topic\`, or the connect, began. ${inOrder}`,
          oneOf: [{ required: ['postId'] }, { required: ['topic'] }],
        },
        Pong: { schema: Pong, description: 'Answers a `Ping`.' },
        Subscribed: { schema: Subscribed, description: 'Answers a `Subscribe`.' },
        Unsubscribed: {
          schema: Unsubscribed,
          description: 'Answers an `Unsubscribe`, whether or not there was such a subscription.',
        },
        PostCreated: { schema: PostCreated, description: 'A new post, before its enrichment.' },
        PostUpdated: { schema: PostUpdated, description: 'The state of a changed post.' },
        PostRemoved: { schema: PostRemoved, description: 'The post was removed.' },
        Error: { schema: ErrorMessage, description: 'Says why a message could not be processed.' },
        GatewayError: { schema: GatewayError, description: 'API Gateway’s own error.' },
        Notification: {
          schema: Notification,
          description:
            'The announcement of a post. `message` is a sentence. `page` is the post on the web page, absent from a stack without one.',
        },
        ...Object.fromEntries(
          Object.entries({ ...blogBusEvents, ...webSocketBusEvents }).map(([detailType, schema]) => [
            detailType,
            { schema, description: `The event ${detailType}, as a rule’s target receives it.` },
          ]),
        ),
      },
      'draft-7',
    ),
    messages: { ...fromClients, ...toClients, ...onBlogBus, ...onWebSocketBus, ...onTopic },
  },
};
