import { request, type Server } from 'node:http';
import { ConnectionDropped } from '../../src/core/faults.ts';
import { listen, portOf, serve, serveUpgrades } from '../../src/http/http-server.ts';
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

describe('a request for another host name', () => {
  const ask = async (headers: Record<string, string>) => {
    const sent = request({ port: portOf(server), host: '127.0.0.1', headers }).end();
    return new Promise<string>((resolve) => {
      sent.once('response', (answer) => resolve(`${answer.statusCode}`));
      sent.once('upgrade', (_answer, socket) => resolve(String(socket.destroy() && 101)));
    });
  };

  it('is refused', async () => {
    serve(server, async (_asked, response) => void response.end('secret'));
    expect(await ask({ host: 'localhost:3000' })).toBe('200');
    expect(await ask({ host: 'example.com:3000' })).toBe('403');
  });

  it('to switch protocols is refused', async () => {
    serveUpgrades(server, (_asked, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await ask({ host: 'localhost:3000', ...headers })).toBe('101');
    expect(await ask({ host: 'example.com:3000', ...headers })).toBe('403');
  });
});
