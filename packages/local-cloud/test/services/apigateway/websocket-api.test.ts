import { once } from 'node:events';
import type { Server } from 'node:http';
import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { AwsPort } from '../../../src/cloud/aws-port.ts';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { listen, portOf, serve } from '../../../src/http/http-server.ts';
import { WebSocketApi } from '../../../src/services/apigateway/websocket-api.ts';
import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { Template } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

/** The parts of a route's event by which the tests tell one from another. */
const RouteEvent = z.looseObject({
  body: z.optional(z.string()),
  queryStringParameters: z.optional(z.record(z.string(), z.string())),
  requestContext: z.looseObject({ connectionId: z.string(), routeKey: z.string() }),
});

/** Notes every event; what it answers is in the query on connecting, in the message afterwards. */
class Handler {
  readonly events: z.infer<typeof RouteEvent>[] = [];
  readonly invokers: unknown[] = [];
  /** Lets go on what was asked to wait by `&wait=1`. */
  proceed = (): void => {};

  async invoke(_arn: string, event: object, invoker: unknown): Promise<InvocationResult> {
    const { body, queryStringParameters, requestContext } = RouteEvent.parse(event);
    // As JSON has it: without what is undefined.
    this.events.push(RouteEvent.parse(JSON.parse(JSON.stringify(event))));
    this.invokers.push(invoker);
    const { status = '200', wait, refuse } = queryStringParameters ?? {};
    if (wait) await new Promise<void>((resolve) => (this.proceed = resolve));
    if (requestContext.routeKey === 'slow') return new Promise(() => {});
    if (refuse) throw new AwsError(refuse, 'secret', 403);
    if ((body ?? status) === 'throw')
      return { ok: false, errorType: 'Error', errorMessage: 'secret', trace: [] };
    if ((body ?? status) === 'nothing') return { ok: true, payload: 'null' };
    const text = body && `${requestContext.routeKey} ${body}`;
    return { ok: true, payload: JSON.stringify({ statusCode: Number(status), body: text }) };
  }

  of(routeKey: string) {
    return this.events.filter(({ requestContext }) => requestContext.routeKey === routeKey);
  }
}

const ApiId = { Ref: 'Api' };
const route = (RouteKey: string, responds: boolean, integration = 'Integration') => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId,
    RouteKey,
    AuthorizationType: 'NONE',
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: integration }]] },
    ...(responds && { RouteResponseSelectionExpression: '$default' }),
  },
});
const integration = (settings: object = {}) => ({
  Type: 'AWS::ApiGatewayV2::Integration',
  Properties: {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: {
      'Fn::Sub': `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/$\{Note.Arn}/invocations`,
    },
    ...settings,
  },
});
const response = (RouteId: unknown) => ({
  Type: 'AWS::ApiGatewayV2::RouteResponse',
  Properties: { ApiId, RouteId, RouteResponseKey: '$default' },
});
const read = (throttle: object, defaultRoute: string) =>
  new Template(
    writeAssembly(folder, {
      Resources: {
        Note: functionResource('note'),
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: {
            Name: 'api',
            ProtocolType: 'WEBSOCKET',
            RouteSelectionExpression: '$request.body.action',
          },
        },
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId,
            StageName: 'prod',
            AutoDeploy: true,
            DefaultRouteSettings: throttle,
          },
        },
        Integration: integration(),
        SlowIntegration: integration({ TimeoutInMillis: 50 }),
        Connect: route('$connect', false),
        Disconnect: route('$disconnect', false),
        Default: route(defaultRoute, true),
        DefaultResponse: response({ Ref: 'Default' }),
        Shout: route('shout', true),
        ShoutResponse: response({ Ref: 'Shout' }),
        Quiet: route('quiet', false),
        Slow: route('slow', false, 'SlowIntegration'),
      },
    }),
    account,
    resourceTypes,
  );

const log = new RecordedLog();
const rejected: unknown[] = [];
const unused = {
  call: async () => {
    throw new Error('not called');
  },
};
const clock = new ManualClock();
const faults = new Faults({ chance: seededChance('seed'), clock, log });
const recorder = new Recorder(clock, false);
let handler: Handler;
let api: WebSocketApi;
let server: Server;
let management: ApiGatewayManagementApi;
const sockets: WebSocket[] = [];

function open(throttle: object = {}, defaultRoute = '$default'): void {
  const services = { account, lambda: handler, clock, log, tracer: new Tracer('seed'), faults, recorder };
  api = new WebSocketApi(read(throttle, defaultRoute), services);
}

beforeAll(async () => {
  server = await listen(0);
  server.on('upgrade', (request, socket, head) => {
    api.upgrade(request, socket, head).catch((error) => rejected.push(error));
  });
  serve(server, (request, answer) =>
    new AwsPort({
      services: {
        comprehend: unused,
        dynamodb: unused,
        dynamodbStreams: unused,
        events: unused,
        lambda: { invoke: unused.call },
        sns: unused,
        sqs: unused,
        webSocketApi: api,
      },
      callers: new Map(),
      invocation: () => undefined,
      authorize: () => [],
      clock,
      faults,
      recorder,
      log,
      tracer: new Tracer('seed'),
    }).handle(request, answer),
  );
  management = new ApiGatewayManagementApi({
    endpoint: `http://127.0.0.1:${portOf(server)}/prod`,
    maxAttempts: 1,
  });
});
beforeEach(() => {
  handler = new Handler();
  open();
});
afterEach(() => {
  expect(rejected.splice(0)).toEqual([]);
  for (const socket of sockets.splice(0)) socket.terminate();
  api.connections.close();
  expect(clock.pending).toBe(0);
});
afterAll(() => {
  management.destroy();
  server.closeAllConnections();
  server.close();
});

let clients = 0;

/** Begins to connect; the query gets a name, so that the events of this connection can be told from others. */
function begin(query = '', path = '/') {
  const name = `client-${clients++}`;
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}${path}?name=${name}${query}`);
  sockets.push(socket);
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(data.toString()));
  const connectionId = () =>
    eventually(() => {
      const found = handler.of('$connect').find((event) => event.queryStringParameters?.name === name);
      if (!found) throw new Error('The $connect handler has not run.');
      return found.requestContext.connectionId;
    });
  return { socket, messages, connectionId };
}

async function connect(query = '', path = '/') {
  const client = begin(query, path);
  await once(client.socket, 'open');
  return { ...client, id: await client.connectionId() };
}

const disconnectOf = (id: string) =>
  eventually(() => {
    const [found, ...more] = handler
      .of('$disconnect')
      .filter((event) => event.requestContext.connectionId === id);
    if (!found) throw new Error('The $disconnect handler has not run.');
    expect(more).toEqual([]);
    return found;
  });

it('tells the handler of connecting, as API Gateway does', async () => {
  const { id } = await connect('&a=1&a=2');
  expect(id).toMatch(/^[\w-]{15}=$/);
  const event = handler.of('$connect').find(({ requestContext }) => requestContext.connectionId === id);
  expect(event).toEqual({
    headers: {
      Host: `127.0.0.1:${portOf(server)}`,
      'Sec-WebSocket-Extensions': expect.any(String),
      'Sec-WebSocket-Key': expect.any(String),
      'Sec-WebSocket-Version': '13',
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': String(portOf(server)),
      'X-Forwarded-Proto': 'http',
    },
    multiValueHeaders: expect.objectContaining({ 'X-Forwarded-For': ['127.0.0.1'] }),
    queryStringParameters: { name: expect.any(String), a: '2' },
    multiValueQueryStringParameters: { name: [expect.any(String)], a: ['1', '2'] },
    requestContext: {
      accountId: account.id,
      apiId: expect.any(String),
      connectedAt: expect.any(Number),
      connectionId: id,
      domainName: '127.0.0.1',
      eventType: 'CONNECT',
      extendedRequestId: event?.requestContext.requestId,
      identity: { sourceIp: '127.0.0.1' },
      messageDirection: 'IN',
      requestId: expect.stringMatching(/^[\w-]{15}=$/),
      requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      requestTimeEpoch: expect.any(Number),
      routeKey: '$connect',
      stage: 'prod',
    },
    isBase64Encoded: false,
  });
  const sourceArn = `arn:aws:execute-api:eu-west-1:123456789012:${event?.requestContext.apiId}/prod/$connect`;
  expect(handler.invokers).toEqual([
    {
      name: 'WebSocket $connect',
      cause: { trace: expect.any(String) },
      service: { principal: 'apigateway.amazonaws.com', sourceArn },
    },
  ]);
});

it.each([
  ['parameters of any name', '&constructor=1&__proto__=2', '/'],
  ['a path of any form', '', '//'],
  ['another host in the path', '', '//a:b@[/'],
])('takes %s', async (_name, query, path) => {
  expect((await connect(query, path)).id).toBeTruthy();
});

it.each([400, 403, 500])('refuses the handshake when the handler answers %i', async (status) => {
  const { socket, connectionId } = begin(`&status=${status}`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe(`Unexpected server response: ${status}`);
  const ConnectionId = await connectionId();
  await expect(management.getConnection({ ConnectionId })).rejects.toMatchObject({ name: 'GoneException' });
});

it.each([
  ['fails', 'status=throw', 502],
  ['answers what is no answer', 'status=nothing', 502],
  ['may not be invoked', 'refuse=AccessDeniedException', 500],
])('refuses the handshake when the function %s', async (_name, query, status) => {
  const { socket } = begin(`&${query}`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe(`Unexpected server response: ${status}`);
});

it('cannot be written to before the handler has answered', async () => {
  const { socket, messages, connectionId } = begin('&wait=1');
  const ConnectionId = await connectionId();
  const early = management.postToConnection({ ConnectionId, Data: 'early' });
  await expect(early).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
  expect(socket.readyState).toBe(WebSocket.CONNECTING);
  handler.proceed();
  await once(socket, 'open');
  await management.postToConnection({ ConnectionId, Data: 'late é' });
  await eventually(() => expect(messages).toEqual(['late é']));
});

it('tells the handler of a client that has left while it was connecting', async () => {
  const { socket, connectionId } = begin('&wait=1');
  const id = await connectionId();
  socket.on('error', () => {});
  socket.terminate();
  handler.proceed();
  expect((await disconnectOf(id)).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
});

it('chooses no subprotocol, as the handler does not', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(server)}`, ['graphql-ws']);
  sockets.push(socket);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe('Server sent no subprotocol');
});

it.each([
  ['{"action":"shout","a":1}', ['shout {"action":"shout","a":1}']],
  ['{"action":"other"}', ['$default {"action":"other"}']],
  ['{"action":"$connect"}', ['$default {"action":"$connect"}']],
  ['{"action":1}', ['$default {"action":1}']],
  ['[]', ['$default []']],
  ['not JSON é', ['$default not JSON é']],
  ['{"action":"quiet"}', []],
])('routes %s', async (message, answers) => {
  const { socket, messages, id } = await connect();
  socket.send(message);
  const received = () =>
    handler.events.filter((event) => event.body === message && event.requestContext.connectionId === id);
  await eventually(() => expect(received()).toHaveLength(1));
  expect(received()[0]?.requestContext).toMatchObject({
    eventType: 'MESSAGE',
    messageId: expect.any(String),
  });
  // What comes next shows that nothing else has come before.
  await management.postToConnection({ ConnectionId: id, Data: 'last' });
  await eventually(() => expect(messages).toContain('last'));
  await eventually(() => expect(messages.filter((text) => text !== 'last')).toEqual(answers));
});

it.each([
  ['the function fails', 'throw', 'Internal server error'],
  ['it answers what is no answer', 'nothing', 'Internal server error'],
  ['it takes too long', '{"action":"slow"}', 'Endpoint request timed out'],
  ['there is no route', 'text', 'Forbidden', 'other'],
])('answers an error when %s', async (_name, text, message, defaultRoute = '$default') => {
  open({}, defaultRoute);
  const { socket, messages, id } = await connect();
  socket.send(text);
  await eventually(() => {
    // The time that the slow route's integration may take.
    if (handler.of('slow').length > 0) clock.advance(50);
    expect(messages).toHaveLength(1);
  });
  expect(JSON.parse(messages[0] ?? '')).toEqual({
    message,
    connectionId: id,
    requestId: expect.any(String),
  });
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

it('closes with 1003 on a binary frame, which the handler does not see', async () => {
  const { socket, id } = await connect();
  socket.send(Buffer.from('binary'));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1003);
  await disconnectOf(id);
  expect(handler.events.some(({ body }) => body === 'binary')).toBe(false);
});

it.each([
  [1001, 'Bye', { disconnectStatusCode: 1001, disconnectReason: 'Bye' }],
  [
    undefined,
    undefined,
    { disconnectStatusCode: 1005, disconnectReason: 'Client-side close frame status not set' },
  ],
])('tells the handler once that the client has closed: %s %s', async (code, reason, expected) => {
  const { socket, id } = await connect();
  socket.close(code, reason);
  const { headers, requestContext } = await disconnectOf(id);
  expect(requestContext).toMatchObject({ eventType: 'DISCONNECT', ...expected });
  expect(headers).toEqual({ Host: '127.0.0.1', 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' });
  await expect(management.postToConnection({ ConnectionId: id, Data: 'x' })).rejects.toMatchObject({
    name: 'GoneException',
  });
});

const KB = 1024;
it.each([
  ['of 32 KB', 32 * KB, 4, undefined],
  ['over 32 KB', 32 * KB + 1, 1, 1009],
  ['of 32 KB, of a message over 128 KB', 32 * KB, 5, 1009],
])('takes a frame %s, or closes', async (_name, size, frames, expected) => {
  const { socket, messages, id } = await connect();
  const closed = once(socket, 'close');
  for (let frame = 1; frame <= frames; frame++) socket.send('a'.repeat(size), { fin: frame === frames });
  if (expected === undefined) {
    await eventually(() => expect(messages).toEqual([`$default ${'a'.repeat(frames * size)}`]));
  } else {
    expect((await closed)[0]).toBe(expected);
    await disconnectOf(id);
    expect(messages).toEqual([]);
  }
});

describe('time', () => {
  const MINUTE = 60_000;
  const goingAway = { disconnectStatusCode: 1001, disconnectReason: 'Going away' };

  it('ends a connection after ten minutes without a message', async () => {
    const { socket, id } = await connect();
    const closed = once(socket, 'close');
    // A control frame is no message.
    socket.ping();
    await once(socket, 'pong');
    clock.advance(10 * MINUTE - 1);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(1);
    const posted = management.postToConnection({ ConnectionId: id, Data: 'x' });
    await expect(posted).rejects.toMatchObject({ name: 'GoneException' });
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1001, 'Going away']);
    expect((await disconnectOf(id)).requestContext).toMatchObject(goingAway);
  });

  it('begins anew with a message in either direction, until two hours are over', async () => {
    const { socket, messages, id } = await connect();
    const closed = once(socket, 'close');
    for (let minute = 9; minute < 120; minute += 9) {
      clock.advance(9 * MINUTE);
      const sent = `minute ${minute}`;
      if (minute % 2) socket.send(sent);
      else await management.postToConnection({ ConnectionId: id, Data: sent });
      await eventually(() => expect(messages.at(-1)).toMatch(sent));
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    clock.advance(3 * MINUTE);
    expect((await closed)[0]).toBe(1001);
    expect((await disconnectOf(id)).requestContext).toMatchObject(goingAway);
  });
});

describe('the throttle', () => {
  it('refuses the handshake with 429 until tokens have come back', async () => {
    open({ ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 });
    await connect();
    const [error] = await once(begin().socket, 'error');
    expect(error.message).toBe('Unexpected server response: 429');
    clock.advance(1_000);
    await connect();
  });

  it('is one of each route, and answers a message over it with an error', async () => {
    open({ ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 });
    const { socket, messages, id } = await connect();
    socket.send('one');
    await eventually(() => expect(messages).toEqual(['$default one']));
    socket.send('two');
    await eventually(() => expect(messages).toHaveLength(2));
    expect(JSON.parse(messages[1] ?? '')).toEqual({
      message: 'Too Many Requests',
      connectionId: id,
      requestId: expect.any(String),
    });
    socket.send('{"action":"shout"}');
    await eventually(() => expect(messages[2]).toBe('shout {"action":"shout"}'));
  });
});

describe('@connections', () => {
  it('tells about a connection', async () => {
    const { id } = await connect();
    expect(await management.getConnection({ ConnectionId: id })).toMatchObject({
      ConnectedAt: expect.any(Date),
      LastActiveAt: expect.any(Date),
      Identity: { SourceIp: '127.0.0.1' },
    });
  });

  it('closes a connection', async () => {
    const { socket, id } = await connect();
    const closed = once(socket, 'close');
    await management.deleteConnection({ ConnectionId: id });
    await closed;
    await disconnectOf(id);
    await expect(management.deleteConnection({ ConnectionId: id })).rejects.toMatchObject({
      name: 'GoneException',
    });
  });

  it('refuses a message over 128 KB', async () => {
    const { messages, id } = await connect();
    await expect(
      management.postToConnection({ ConnectionId: id, Data: 'a'.repeat(128 * 1024 + 1) }),
    ).rejects.toMatchObject({ name: 'PayloadTooLargeException' });
    await management.postToConnection({ ConnectionId: id, Data: 'a'.repeat(128 * 1024) });
    await eventually(() => expect(messages.map(({ length }) => length)).toEqual([128 * 1024]));
  });

  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/execute-api/aws4_request';
  it.each([
    ['an unsigned request', '/prod/@connections/x', {}, 403],
    ['another stage', '/other/@connections/x', { authorization }, 403],
    ['an unknown connection', '/prod/@connections/x', { authorization }, 410],
    ['an id that is not encoded well', '/prod/@connections/%zz', { authorization }, 400],
  ])('refuses %s', async (_name, path, headers, status) => {
    const answer = await fetch(`http://127.0.0.1:${portOf(server)}${path}`, { headers });
    expect(answer.status).toBe(status);
  });
});
