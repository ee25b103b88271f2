import type { Server } from 'node:http';
import { ConnectionDropped } from '../../local/faults.ts';
import { listen, portOf, serve } from '../../local/http-server.ts';
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
