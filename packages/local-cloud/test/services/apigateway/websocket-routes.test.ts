import { once } from 'node:events';
import WebSocket from 'ws';
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

it.each([
  ['{"action":"shout","a":1}', ['shout {"action":"shout","a":1}']],
  ['{"action":"other"}', ['$default {"action":"other"}']],
  ['{"action":"$connect"}', ['$default {"action":"$connect"}']],
  ['{"action":1}', ['$default {"action":1}']],
  ['[]', ['$default []']],
  ['not JSON é', ['$default not JSON é']],
  ['{"action":"quiet"}', []],
])('routes %s', async (message, answers) => {
  const { socket, messages, id } = await local.connect();
  socket.send(message);
  const received = () =>
    local.handler.events.filter(
      (event) => event.body === message && event.requestContext.connectionId === id,
    );
  await eventually(() => expect(received()).toHaveLength(1));
  expect(received()[0]?.requestContext).toMatchObject({
    eventType: 'MESSAGE',
    messageId: expect.any(String),
  });
  // The next message shows that no other one came before.
  await local.management.postToConnection({ ConnectionId: id, Data: 'last' });
  await eventually(() => expect(messages).toContain('last'));
  await eventually(() => expect(messages.filter((text) => text !== 'last')).toEqual(answers));
});

it.each([
  ['the function fails', 'throw', 'Internal server error'],
  ['the handler returns an invalid response', 'nothing', 'Internal server error'],
  ['the handler exceeds its timeout', '{"action":"slow"}', 'Endpoint request timed out'],
  ['there is no route', 'text', 'Forbidden', 'other'],
])('returns an error if %s', async (_name, text, message, defaultRoute = '$default') => {
  local.open({}, defaultRoute);
  const { socket, messages, id } = await local.connect();
  socket.send(text);
  await eventually(() => {
    // The timeout of the slow route's integration.
    if (local.handler.of('slow').length > 0) local.clock.advance(50);
    expect(messages).toHaveLength(1);
  });
  expect(JSON.parse(messages[0] ?? '')).toEqual({
    message,
    connectionId: id,
    requestId: expect.any(String),
  });
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

describe('the throttle', () => {
  it('refuses the handshake with 429 until tokens are refilled', async () => {
    local.open({ ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 });
    await local.connect();
    const [error] = await once(local.begin().socket, 'error');
    expect(error.message).toBe('Unexpected server response: 429');
    local.clock.advance(1_000);
    await local.connect();
  });

  it('applies to each route separately, and answers a message beyond it with an error', async () => {
    local.open({ ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 });
    const { socket, messages, id } = await local.connect();
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
