import { once } from 'node:events';
import WebSocket from 'ws';
import { account } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ServedApi } from './served-api.ts';

const folder = temporaryFolder();
let local: ServedApi;
beforeAll(async () => {
  local = await ServedApi.listen(folder);
});
beforeEach(() => local.open());
afterEach(() => local.end());
afterAll(() => local.close());

it('invokes the handler for $connect like API Gateway', async () => {
  const { id } = await local.connect('&a=1&a=2');
  expect(id).toMatch(/^[\w-]{15}=$/);
  const event = local.handler.of('$connect').find(({ requestContext }) => requestContext.connectionId === id);
  expect(event).toEqual({
    headers: {
      Host: `127.0.0.1:${local.port}`,
      'Sec-WebSocket-Extensions': expect.any(String),
      'Sec-WebSocket-Key': expect.any(String),
      'Sec-WebSocket-Version': '13',
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': String(local.port),
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
  expect(local.handler.invokers).toEqual([
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
])('accepts %s', async (_name, query, path) => {
  expect((await local.connect(query, path)).id).toBeTruthy();
});

it.each([
  [400, 400],
  [403, 403],
  [500, 500],
  [101, 502],
  [103, 502],
])('refuses the handshake if the handler returns %i', async (status, received) => {
  const { socket, connectionId } = local.begin(`&status=${status}`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe(`Unexpected server response: ${received}`);
  const ConnectionId = await connectionId();
  await expect(local.management.getConnection({ ConnectionId })).rejects.toMatchObject({
    name: 'GoneException',
  });
});

it.each([
  ['fails', 'status=throw', 502],
  ['returns an invalid response', 'status=nothing', 502],
  ['may not be invoked', 'refuse=AccessDeniedException', 500],
])('refuses the handshake if the function %s', async (_name, query, status) => {
  const { socket } = local.begin(`&${query}`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe(`Unexpected server response: ${status}`);
});

it('accepts no message to a connection before the handler has answered', async () => {
  const { socket, messages, connectionId } = local.begin('&wait=1');
  const ConnectionId = await connectionId();
  const early = local.management.postToConnection({ ConnectionId, Data: 'early' });
  await expect(early).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
  expect(socket.readyState).toBe(WebSocket.CONNECTING);
  local.handler.proceed();
  await once(socket, 'open');
  await local.management.postToConnection({ ConnectionId, Data: 'late é' });
  await eventually(() => expect(messages).toEqual(['late é']));
});

it('invokes the handler for a client that has left while it was connecting', async () => {
  const { socket, connectionId } = local.begin('&wait=1');
  const id = await connectionId();
  socket.on('error', () => {});
  socket.terminate();
  local.handler.proceed();
  expect((await local.disconnectOf(id)).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
});

it('chooses no subprotocol, since the handler chooses none', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${local.port}`, ['graphql-ws']);
  local.sockets.push(socket);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe('Server sent no subprotocol');
});

it.each([
  [1001, 'Bye', { disconnectStatusCode: 1001, disconnectReason: 'Bye' }],
  [
    undefined,
    undefined,
    { disconnectStatusCode: 1005, disconnectReason: 'Client-side close frame status not set' },
  ],
])('invokes the handler once after the client has closed: %s %s', async (code, reason, expected) => {
  const { socket, id } = await local.connect();
  socket.close(code, reason);
  const { headers, requestContext } = await local.disconnectOf(id);
  expect(requestContext).toMatchObject({ eventType: 'DISCONNECT', ...expected });
  expect(headers).toEqual({ Host: '127.0.0.1', 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' });
  await expect(local.management.postToConnection({ ConnectionId: id, Data: 'x' })).rejects.toMatchObject({
    name: 'GoneException',
  });
});
