import { once } from 'node:events';
import { createServer } from 'node:http';
import * as z from 'zod/mini';
import { Authors } from '../../../checks/soak/authors.ts';
import { Dice } from '../../../checks/soak/dice.ts';
import { HttpProblem } from '../../../lambdas/http/http-answer.ts';
import { CloudClient } from '../../../testing/cloud-client.ts';

it('stops retrying a post with a key that got no 201 for minutes after the end, and reports it', async () => {
  let now = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  const { answer: unavailable } = new HttpProblem(503, 'Later.', { retryAfter: 1 });
  const server = createServer((_, answer) => {
    now = 10 * 60_000;
    answer.writeHead(503, unavailable.headers).end(unavailable.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.int() }).parse(server.address());
  // With the lowest draws every post has a key, and no author pauses.
  const cloud = new CloudClient('', { ApiUrl: `http://127.0.0.1:${port}` });
  const authors = new Authors(cloud, (actor) => new Dice(() => 0, actor));
  try {
    await authors.write(1);
  } finally {
    clock.mockRestore();
    server.close();
  }
  expect(authors.unexpected).toEqual(
    authors.submissions.map(
      ({ content, key }) => `${content.title} has not received a 201 with the key ${key}.`,
    ),
  );
  expect(authors.submissions.length).toBeGreaterThan(0);
});
