import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod/mini';
import { Authors } from '../../soak/authors.ts';
import { Dice } from '../../soak/dice.ts';

it('gives a post with a key up when it has had no 201 for minutes after the end, and says so', async () => {
  let now = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  const server = createServer((_, answer) => {
    now = 10 * 60_000;
    answer.writeHead(503).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.int() }).parse(server.address());
  // With the lowest of draws all have a key, and nobody pauses.
  const authors = new Authors(`http://127.0.0.1:${port}`, (actor) => new Dice(() => 0, actor));
  try {
    await authors.write(1);
  } finally {
    clock.mockRestore();
    server.close();
  }
  expect(authors.unexpected).toEqual(
    authors.submissions.map(({ content, key }) => `${content.title} still has no 201 under ${key}.`),
  );
  expect(authors.submissions.length).toBeGreaterThan(0);
});
