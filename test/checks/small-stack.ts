import {
  callHop,
  deadLetterHop,
  deliveryHop,
  eventHop,
  eventQueueOf,
  type Hop,
  hopName,
  mailHop,
  messageHop,
  requestHop,
  runHop,
  streamOf,
  streamReadHop,
} from 'local-cloud/hop';
import type { ArchitectureEdge, ArchitectureNode, NodeKind } from 'local-cloud/steps';
import { StackGraph } from '../../checks/stack-graph.ts';

const node = (id: string, kind: NodeKind, label = id): ArchitectureNode => ({ id, kind, label });
const edge = (from: string, to: string, hop: Hop, faults = true): ArchitectureEdge => ({
  id: `${hopName(hop)} (${from}, ${to})`,
  from,
  to,
  label: '',
  hop,
  faults,
});
/** Returns a rule that delivers to a function, with the function's runs and failures. */
const delivery = (rule: string, to: string): ArchitectureEdge[] => [
  edge(rule, to, deliveryHop(rule, to)),
  edge(to, to, runHop(eventQueueOf(to), to)),
  edge(to, 'Failures1A2B', deadLetterHop('Blog-dev-Failures1A2B')),
];

/**
 * A stack that announces, e-mails, indexes and enriches a post and pushes it to clients. A relay
 * announces the posts that `create-post` did not.
 */
export const smallStack = new StackGraph({
  nodes: [
    node('client', 'client'),
    node('mail', 'mail'),
    node('comprehend', 'comprehend'),
    node('Api', 'rest-api'),
    node('WebSocketApi', 'websocket-api'),
    ...[
      'create-post',
      'get-post',
      'relay-announcements',
      'enrich',
      'index',
      'publish',
      'push',
      'connect',
    ].map((name) => node(name, 'function')),
    node('Posts1A2B', 'table', 'Posts'),
    node('Index1A2B', 'table', 'Index'),
    node('Posts1A2B.stream', 'stream', 'stream of Posts'),
    node('BlogBus', 'bus'),
    node('UpdateBus', 'bus'),
    ...['created', 'updated', 'each-minute'].map((name) => node(name, 'rule')),
    node('Topic1A2B', 'topic', 'Topic'),
    node('Failures1A2B', 'queue', 'Failures'),
  ],
  edges: [
    edge('client', 'Api', requestHop('POST /posts')),
    edge('Api', 'create-post', runHop('POST /posts', 'create-post')),
    edge('client', 'Api', requestHop('GET /posts/{id}')),
    edge('Api', 'get-post', runHop('GET /posts/{id}', 'get-post')),
    edge('get-post', 'Posts1A2B', callHop('dynamodb', 'GetItem', 'get-post')),
    edge('client', 'WebSocketApi', requestHop('WebSocket $connect'), false),
    edge('WebSocketApi', 'connect', runHop('WebSocket $connect', 'connect')),
    edge('connect', 'Posts1A2B', callHop('dynamodb', 'GetItem', 'connect')),
    edge('WebSocketApi', 'client', messageHop, false),
    edge('create-post', 'Posts1A2B', callHop('dynamodb', 'PutItem', 'create-post')),
    edge('create-post', 'BlogBus', callHop('events', 'PutEvents', 'create-post')),
    edge('create-post', 'Posts1A2B', callHop('dynamodb', 'UpdateItem', 'create-post')),
    ...delivery('each-minute', 'relay-announcements'),
    edge('relay-announcements', 'Posts1A2B', callHop('dynamodb', 'Scan', 'relay-announcements')),
    edge('relay-announcements', 'BlogBus', callHop('events', 'PutEvents', 'relay-announcements')),
    edge('relay-announcements', 'Posts1A2B', callHop('dynamodb', 'UpdateItem', 'relay-announcements')),
    edge('BlogBus', 'created', eventHop('BlogBus', 'created'), false),
    edge('created', 'Topic1A2B', deliveryHop('created', 'Blog-dev-Topic1A2B')),
    edge('Topic1A2B', 'mail', mailHop('Blog-dev-Topic1A2B')),
    ...delivery('created', 'index'),
    edge('index', 'Posts1A2B', callHop('dynamodb', 'GetItem', 'index')),
    edge('index', 'Index1A2B', callHop('dynamodb', 'GetItem', 'index')),
    ...delivery('created', 'enrich'),
    edge('enrich', 'comprehend', callHop('comprehend', 'DetectEntities', 'enrich')),
    edge('enrich', 'Posts1A2B', callHop('dynamodb', 'UpdateItem', 'enrich')),
    edge('Posts1A2B', 'Posts1A2B.stream', streamReadHop('Blog-dev-Posts1A2B')),
    edge('Posts1A2B.stream', 'publish', runHop(streamOf('Blog-dev-Posts1A2B'), 'publish')),
    edge('publish', 'UpdateBus', callHop('events', 'PutEvents', 'publish')),
    edge('UpdateBus', 'updated', eventHop('UpdateBus', 'updated'), false),
    ...delivery('updated', 'push'),
    edge('push', 'Posts1A2B', callHop('dynamodb', 'GetItem', 'push')),
    edge('push', 'WebSocketApi', callHop('execute-api', 'PostToConnection', 'push')),
  ],
});
