import * as z from 'zod/mini';
import { blogBusEvents, webSocketBusEvents } from '../model/bus-event.ts';
import { maxSubscriptions } from '../model/connection.ts';
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
import { Notification } from '../model/notification.ts';
import type { AsyncApi, Channel, Operation } from './asyncapi-format.ts';
import { fromClients, onBlogBus, onTopic, onWebSocketBus, toClients } from './asyncapi-messages.ts';
import { jsonSchema, jsonSchemas, postSchemas } from './json-schemas.ts';

/** API Gateway's response to a message that it throttles, or whose function fails. */
const GatewayError = z.object({ message: z.string(), connectionId: z.string(), requestId: z.string() });

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
