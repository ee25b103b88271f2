import { type IncomingMessage, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { ConnectionDropped } from '../../src/core/faults.ts';
import { isCrossOrigin, isForThisMachine, listen, portOf, serve } from '../../src/http/http-server.ts';
import { readBody } from '../../src/http/request-body.ts';

let server: Server;
beforeEach(async () => {
  server = await listen(0);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ['an unexpected error is logged', new Error('broken'), 1],
  ['an intended drop is not logged', new ConnectionDropped('on purpose'), 0],
])('ends the connection if a handler throws: %s', async (_what, error, lines) => {
  const told = jest.spyOn(console, 'error').mockImplementation(() => {});
  serve(server, async (asked) => {
    await readBody(asked, 1_000);
    throw error;
  });
  await expect(fetch(`http://127.0.0.1:${portOf(server)}`, { method: 'POST', body: 'a' })).rejects.toThrow();
  expect(told).toHaveBeenCalledTimes(lines);
  told.mockRestore();
});

it.each([
  ['its own page', (port: number) => `http://localhost:${port}`, false],
  ['its own page by its address', (port: number) => `http://127.0.0.1:${port}`, false],
  ['no page', () => undefined, false],
  ['a page of another port', (port: number) => `http://localhost:${port - 1}`, true],
  ['a page of another host', () => 'https://example.com', true],
  ['a page without an origin', () => 'null', true],
])('recognizes a request of %s', async (_what, originOf, expected) => {
  serve(server, async (asked, response) => {
    response.end(String(isCrossOrigin(asked)));
  });
  const origin = originOf(portOf(server));
  const answer = await fetch(`http://127.0.0.1:${portOf(server)}`, { headers: origin ? { origin } : {} });
  expect(await answer.text()).toBe(String(expected));
});

it.each([
  ['localhost', true],
  ['LOCALHOST:3000', true],
  ['127.0.0.1:80', true],
  ['example.com:3000', false],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['example.com@localhost:', false],
])('decides whether a request for %s is for this machine', async (host, expected) => {
  serve(server, async (asked, response) => {
    response.end(String(isForThisMachine(asked)));
  });
  const sent = request({ port: portOf(server), host: '127.0.0.1', headers: { host } }).end();
  const answer = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  expect(await text(answer)).toBe(String(expected));
});
