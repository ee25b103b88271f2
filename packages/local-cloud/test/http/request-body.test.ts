import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { portOf } from '../../src/http/http-server.ts';
import { BodyCollector, readBody } from '../../src/http/request-body.ts';

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

describe('the memory of a body', () => {
  it('is at most twice its bytes, in chunks of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(400), (chunks, limit) => {
        const collector = new BodyCollector(limit);
        let size = 0;
        for (const chunk of chunks) {
          collector.add(Buffer.from(chunk));
          size += chunk.length;
          expect(collector.capacity).toBeLessThanOrEqual(Math.min(2 * size, limit));
        }
        const whole = Buffer.concat(chunks);
        expect(collector.body).toEqual(whole.length <= limit ? whole : undefined);
      }),
    );
  });

  it('is allocated rarely, if each byte is a chunk', () => {
    const collector = new BodyCollector(100_000);
    const capacities = new Set<number>();
    for (let index = 0; index < 100_000; index++) {
      collector.add(Buffer.from([1]));
      capacities.add(collector.capacity);
    }
    expect(collector.body?.length).toBe(100_000);
    expect(capacities.size).toBeLessThan(20);
  });
});
