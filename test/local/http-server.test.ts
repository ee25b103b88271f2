import type { Server } from 'node:http';
import { ConnectionDropped } from '../../local/faults.ts';
import { isCrossOrigin, listen, portOf, serve } from '../../local/http-server.ts';
import { readBody } from '../../local/request-body.ts';

let server: Server;
beforeEach(async () => {
  server = await listen(0);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ['told, if it is no intention', new Error('broken'), 1],
  ['not told, if the connection is to be dropped', new ConnectionDropped('on purpose'), 0],
])('a handler that throws ends the connection, which is %s', async (_what, error, lines) => {
  const told = jest.spyOn(console, 'error').mockImplementation(() => {});
  serve(server, async (request) => {
    await readBody(request, 1_000);
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
])('knows a request of %s', async (_what, originOf, expected) => {
  serve(server, async (request, response) => {
    response.end(String(isCrossOrigin(request)));
  });
  const origin = originOf(portOf(server));
  const answer = await fetch(`http://127.0.0.1:${portOf(server)}`, { headers: origin ? { origin } : {} });
  expect(await answer.text()).toBe(String(expected));
});
