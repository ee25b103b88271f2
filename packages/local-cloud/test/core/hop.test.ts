import fc from 'fast-check';
import {
  callHop,
  deadLetterHop,
  deliveryHop,
  eventHop,
  eventQueueOf,
  type Hop,
  hopName,
  httpRequest,
  isFromClient,
  isFromStream,
  mailHop,
  messageHop,
  parseHop,
  replayHop,
  requestHop,
  runHop,
  scheduleHop,
  sendHop,
  streamOf,
  streamReadHop,
  webSocketRequest,
} from '../../src/core/hop.ts';

/** Generates names that AWS allows for rules, buses, topics, queues, tables and functions. */
const resource = fc.stringMatching(/^[\w.-]{1,40}$/);
const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const operation = fc.stringMatching(/^[A-Z]\w{0,30}$/);
const path = fc.webPath().map((text) => `/${text}`);
const request = fc.oneof(
  fc.tuple(fc.constantFrom('GET', 'POST', 'ANY'), path).map((parts) => httpRequest(...parts)),
  fc.constantFrom('$connect', '$default', 'send').map(webSocketRequest),
);
const invoker = fc.oneof(request, resource.map(eventQueueOf), resource.map(streamOf), fc.constant('Invoke'));
const hop: fc.Arbitrary<Hop> = fc.oneof(
  request.map(requestHop),
  resource.map(sendHop),
  fc.tuple(service, operation, fc.option(resource, { nil: undefined })).map((parts) => callHop(...parts)),
  fc.tuple(invoker, resource).map((parts) => runHop(...parts)),
  fc.tuple(resource, resource).map((parts) => eventHop(...parts)),
  fc.tuple(resource, resource).map((parts) => replayHop(...parts)),
  resource.map(scheduleHop),
  fc.tuple(resource, resource).map((parts) => deliveryHop(...parts)),
  resource.map(streamReadHop),
  resource.map(deadLetterHop),
  resource.map(mailHop),
  fc.constant(messageHop),
);

it('parses every name that it prints', () => {
  fc.assert(fc.property(hop, (printed) => expect(parseHop(hopName(printed))).toEqual(printed)));
});

it.each([
  ['client → POST /posts', requestHop(httpRequest('POST', '/posts'))],
  ['client → WebSocket $connect', requestHop(webSocketRequest('$connect'))],
  ['operator → create-post', sendHop('create-post')],
  ['create-post → dynamodb:PutItem', callHop('dynamodb', 'PutItem', 'create-post')],
  ['administrator → events:PutEvents', callHop('events', 'PutEvents')],
  ['POST /posts → create-post', runHop(httpRequest('POST', '/posts'), 'create-post')],
  ['event queue of push → push', runHop(eventQueueOf('push'), 'push')],
  ['stream of Posts → publish', runHop(streamOf('Posts'), 'publish')],
  ['BlogBus → rule', eventHop('BlogBus', 'rule')],
  ['schedule → rule', scheduleHop('rule')],
  ['rule → push', deliveryHop('rule', 'push')],
  ['stream of Posts → event source mapping', streamReadHop('Posts')],
  ['dead letter → Undelivered', deadLetterHop('Undelivered')],
  ['topic → email', mailHop('topic')],
  ['WebSocket → client', messageHop],
])('prints %s', (name, printed) => {
  expect(hopName(printed)).toBe(name);
});

it.each(['', 'create-post', ' → b', 'a → ', 'a → b → c'])('finds no hop in "%s"', (name) => {
  expect(() => parseHop(name)).toThrow(`"${name}" must name a hop like "create-post → dynamodb:PutItem".`);
});

it('recognizes the hops of a client and of a stream', () => {
  const hops = [requestHop('GET /posts'), streamReadHop('Posts'), runHop(streamOf('Posts'), 'publish')];
  expect(hops.map(isFromClient)).toEqual([true, false, false]);
  expect(hops.map(isFromStream)).toEqual([false, true, true]);
});
