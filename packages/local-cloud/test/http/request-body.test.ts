import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf } from '../../src/http/http-server.ts';
import { readBody } from '../../src/http/request-body.ts';

const server = createServer(async (request, response) => {
  const body = await readBody(request, 10);
  response.end(body ? `read ${body}` : 'too long');
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

it.each([
  ['', 'read '],
  ['1234567890', 'read 1234567890'],
  ['12345678901', 'too long'],
  ['é'.repeat(6), 'too long'],
  ['a'.repeat(1_000_000), 'too long'],
])('of %.20j is %s', async (body, expected) => {
  const response = await fetch(`http://127.0.0.1:${portOf(server)}`, { method: 'POST', body });
  expect(await response.text()).toBe(expected);
});
