import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
import WebSocket from 'ws';
import { WebSocketApi } from '../../../local/apigateway/websocket-api.ts';
import { AwsPort } from '../../../local/aws-port.ts';
import { realClock } from '../../../local/clock.ts';
import { listen, portOf, serve } from '../../../local/http-server.ts';
import { Lambda } from '../../../local/lambda/lambda.ts';
import { resourceTypes } from '../../../local/resource-types.ts';
import { Template } from '../../../local/template/template.ts';
import { eventually } from '../../e2e/eventually.ts';
import { account, functionResource, writeAssembly } from '../assembly.ts';
import { RecordedLog } from '../recorded-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

/** Notes every event in the log; what it answers is in the query on connecting, in the message afterwards. */
const handler = `
  import { existsSync } from 'node:fs';
  export async function handler(event) {
    console.log(JSON.stringify({ level: 'WARN', message: '', event }));
    const { status, until } = event.queryStringParameters ?? {};
    while (until && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5));
    if (event.body === 'throw') throw new Error('secret');
    if (event.body === 'nothing') return;
    return { statusCode: Number(status ?? 200), body: event.body && event.requestContext.routeKey + ' ' + event.body };
  }`;

const ApiId = { Ref: 'Api' };
const route = (RouteKey: string, responds: boolean) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId,
    RouteKey,
    AuthorizationType: 'NONE',
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    ...(responds && { RouteResponseSelectionExpression: '$default' }),
  },
});
const response = (RouteId: unknown) => ({
  Type: 'AWS::ApiGatewayV2::RouteResponse',
  Properties: { ApiId, RouteId, RouteResponseKey: '$default' },
});
const template = new Template(
  writeAssembly(
    folder,
    {
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
            DefaultRouteSettings: { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 1_000 },
          },
        },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId,
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: {
              'Fn::Sub': `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/$\{Note.Arn}/invocations`,
            },
          },
        },
        Connect: route('$connect', false),
        Disconnect: route('$disconnect', false),
        Default: route('$default', true),
        DefaultResponse: response({ Ref: 'Default' }),
        Shout: route('shout', true),
        ShoutResponse: response({ Ref: 'Shout' }),
        Quiet: route('quiet', false),
      },
    },
    { note: handler },
  ),
  account,
  resourceTypes,
);

/** Parses what the handler notes. */
class EventLog extends RecordedLog {
  override warn(_source: string, message: string): void {
    this.events.push(JSON.parse(message).event);
  }
  readonly events: {
    body?: string;
    queryStringParameters?: Record<string, string>;
    requestContext: Record<string, unknown> & { connectionId: string; routeKey: string };
  }[] = [];
  of(routeKey: string) {
    return this.events.filter(({ requestContext }) => requestContext.routeKey === routeKey);
  }
}

const log = new EventLog();
const rejected: unknown[] = [];
const unused = {
  call: async () => {
    throw new Error('not called');
  },
};
let lambda: Lambda;
let api: WebSocketApi;
let server: Server;
let management: ApiGatewayManagementApi;
const sockets: WebSocket[] = [];
beforeAll(async () => {
  lambda = new Lambda(template, {
    account,
    clock: realClock,
    log,
    sendDeadLetter: async () => {},
    localize: (value) => value,
    awsUrl: 'http://127.0.0.1:1',
  });
  api = new WebSocketApi(template, { account, lambda, clock: realClock, log });
  const awsPort = new AwsPort(
    {
      AWSEvents: unused,
      AmazonSQS: unused,
      Comprehend_20171127: unused,
      DynamoDB_20120810: unused,
      sns: unused,
      webSocketApi: api,
    },
    new Map(),
    log,
  );
  server = await listen(0);
  server.on('upgrade', (request, socket, head) => {
    api.upgrade(request, socket, head).catch((error) => rejected.push(error));
  });
  serve(server, (request, answer) => awsPort.handle(request, answer));
  management = new ApiGatewayManagementApi({
    endpoint: `http://127.0.0.1:${portOf(server)}/prod`,
    maxAttempts: 1,
  });
});
afterEach(() => expect(rejected.splice(0)).toEqual([]));
afterAll(async () => {
  management.destroy();
  for (const socket of sockets) socket.terminate();
  api.close();
  server.closeAllConnections();
  server.close();
  await lambda.close();
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
      const found = log.of('$connect').find((event) => event.queryStringParameters?.name === name);
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
    const [found, ...more] = log
      .of('$disconnect')
      .filter((event) => event.requestContext.connectionId === id);
    expect([found, more]).toEqual([expect.anything(), []]);
    return found?.requestContext;
  });

it('tells the handler of connecting, as API Gateway does', async () => {
  const { id } = await connect('&a=1&a=2');
  expect(id).toMatch(/^[\w-]{15}=$/);
  const event = log.of('$connect').find(({ requestContext }) => requestContext.connectionId === id);
  expect(event).toEqual({
    headers: expect.objectContaining({ Host: `127.0.0.1:${portOf(server)}` }),
    multiValueHeaders: expect.objectContaining({ Upgrade: ['websocket'] }),
    queryStringParameters: { name: expect.any(String), a: '2' },
    multiValueQueryStringParameters: { name: [expect.any(String)], a: ['1', '2'] },
    requestContext: {
      accountId: account.id,
      apiId: expect.any(String),
      connectedAt: expect.any(Number),
      connectionId: id,
      domainName: '127.0.0.1',
      eventType: 'CONNECT',
      extendedRequestId: expect.any(String),
      identity: { sourceIp: '127.0.0.1' },
      messageDirection: 'IN',
      requestId: expect.any(String),
      requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      requestTimeEpoch: expect.any(Number),
      routeKey: '$connect',
      stage: 'prod',
    },
    isBase64Encoded: false,
  });
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

it('cannot be written to before the handler has answered', async () => {
  const gate = join(folder, 'gate');
  const { socket, messages, connectionId } = begin(`&until=${encodeURIComponent(gate)}`);
  const ConnectionId = await connectionId();
  const early = management.postToConnection({ ConnectionId, Data: 'early' });
  await expect(early).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
  expect(existsSync(gate)).toBe(false);
  writeFileSync(gate, '');
  await once(socket, 'open');
  await management.postToConnection({ ConnectionId, Data: 'late é' });
  await eventually(() => expect(messages).toEqual(['late é']));
});

it('tells the handler of a client that has left while it was connecting', async () => {
  const gate = join(folder, 'other-gate');
  const { socket, connectionId } = begin(`&until=${encodeURIComponent(gate)}`);
  const id = await connectionId();
  socket.on('error', () => {});
  socket.terminate();
  writeFileSync(gate, '');
  expect(await disconnectOf(id)).toMatchObject({ disconnectStatusCode: 1006 });
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
    log.events.filter((event) => event.body === message && event.requestContext.connectionId === id);
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

it.each(['throw', 'nothing'])('answers an error when the handler does: %s', async (message) => {
  const { socket, messages, id } = await connect();
  socket.send(message);
  await eventually(() => expect(messages).toHaveLength(1));
  expect(JSON.parse(messages[0] ?? '')).toEqual({
    message: 'Internal server error',
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
  expect(log.events.some(({ body }) => body === 'binary')).toBe(false);
});

it('tells the handler once that the client has closed', async () => {
  const { socket, id } = await connect();
  socket.close(1001);
  expect(await disconnectOf(id)).toMatchObject({ eventType: 'DISCONNECT', disconnectStatusCode: 1001 });
  await expect(management.postToConnection({ ConnectionId: id, Data: 'x' })).rejects.toMatchObject({
    name: 'GoneException',
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
