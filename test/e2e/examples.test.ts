import { once } from 'node:events';
import { eventually } from 'local-cloud/fixtures/eventually';
import * as z from 'zod/mini';
import { asyncApi } from '../../contracts/asyncapi.ts';
import {
  exampleCreatedPost,
  exampleEnrichedPost,
  examplePost,
  exampleProblem,
} from '../../contracts/examples.ts';
import { openApi } from '../../contracts/openapi.ts';
import { checkMessage, wrongWith } from '../../testing/contract.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start(UNTHROTTLED);
});
afterAll(() => cloud.stop());

it.each([
  ['/openapi.json', openApi],
  ['/asyncapi.json', asyncApi],
])('%s returns the document with the servers of this machine', async (path, { servers: _, ...document }) => {
  const response = await fetch(`${cloud.url}${path}`);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const { servers, ...served } = z.looseObject({ servers: z.unknown() }).parse(await response.json());
  expect(served).toEqual(document);
  expect(JSON.stringify(servers)).toContain(new URL(cloud.url).host);
});

describe('the examples of openapi.json', () => {
  /** Each body without optional parameters, then each optional parameter with the first body. */
  const requests = Object.entries(openApi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters, requestBody }]) => {
      const examples = Object.values(requestBody?.content['application/json']?.examples ?? {});
      const bodies = examples.length > 0 ? examples.map(({ value }) => JSON.stringify(value)) : [undefined];
      const optional = parameters.filter(({ required, example }) => !required && example !== undefined);
      const filled = parameters.reduce(
        (filled, { name, example = '' }) => filled.replace(`{${name}}`, String(example)),
        path,
      );
      return [
        ...bodies.map((body) => ({ method: method.toUpperCase(), path: filled, headers: {}, body })),
        ...optional.map(({ name, in: place, example = '' }) => ({
          method: method.toUpperCase(),
          path: place === 'query' ? `${filled}?${new URLSearchParams({ [name]: String(example) })}` : filled,
          headers: place === 'header' ? { [name]: String(example) } : {},
          body: bodies[0],
        })),
      ];
    }),
  );

  it.each(requests)('$method $path $headers $body succeeds', async ({ method, path, headers, body }) => {
    const { status } = await cloud.request(path, { method, headers, ...(body && { body }) });
    expect(status).toBeLessThan(400);
  });

  it('the example post is the one that the example key creates', async () => {
    const { id } = exampleCreatedPost;
    const read = async () => (await cloud.request(`/posts/${id}`)).json();
    const enriched = { ...exampleEnrichedPost, createdAt: expect.any(String) };
    await eventually(async () => expect(await read()).toEqual(enriched));
  });

  it('the example problem is the response to an invalid post', async () => {
    const { topic, ...withoutTopic } = examplePost;
    const response = await cloud.post({ ...withoutTopic, title: ' ' });
    expect(await response.json()).toEqual(exampleProblem);
  });

  it('a page other than the last has a cursor, which leads to the next page', async () => {
    const Page = z.object({ nextCursor: z.string() });
    const { nextCursor } = Page.parse(await (await cloud.request('/posts?limit=1')).json());
    const next = await cloud.request(`/posts?${new URLSearchParams({ limit: '1', cursor: nextCursor })}`);
    expect(next.status).toBe(200);
  });
});

it.each(
  Object.values(asyncApi.operations)
    .filter(({ action }) => action === 'receive')
    .flatMap(({ messages, reply }) =>
      [...messages].flatMap(({ $ref }) => {
        const nameOf = (ref = '') => ref.split('/').at(-1) ?? '';
        const { examples = [] } = asyncApi.components.messages[nameOf($ref)] ?? {};
        return examples.map(({ payload }) => [JSON.stringify(payload), nameOf(reply?.messages[0]?.$ref)]);
      }),
    ),
)('the example message %s of asyncapi.json is answered with %s', async (message = '', answer = '') => {
  const { socket } = await cloud.connect('?topic=nobody-posts-this');
  const answered = once(socket, 'message');
  socket.send(message);
  const [data] = await answered;
  checkMessage(data.toString(), [answer]);
});

it('the mail of a post contains the documented notification', async () => {
  await cloud.subscribe('notified@example.com', 'notified');
  await cloud.post({ ...examplePost, topic: 'notified' });
  const [, mail] = await eventually(async () => {
    const mails = await cloud.emails('notified@example.com');
    expect(mails).toHaveLength(2);
    return mails;
  });
  const text = JSON.parse(mail?.text.split('\n\n--\n')[0] ?? '');
  expect(wrongWith(text, 'asyncapi', '#/components/schemas/Notification')).toBeUndefined();
});

describe('the example events of asyncapi.json', () => {
  const Event = z.looseObject({ 'detail-type': z.string(), detail: z.unknown() });
  const buses = {
    BlogBusName: asyncApi.channels.blogBus,
    WebSocketBusName: asyncApi.channels.webSocketBus,
  };

  // Makes EventBridge send each event, unchanged, to the dead-letter queue of its target.
  beforeAll(async () => {
    const gone = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };
    const fault = { service: 'lambda', operation: 'Invoke', ...gone };
    await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  });

  it.each(
    Object.entries(buses).flatMap(([bus, channel]) =>
      Object.keys(channel?.messages ?? {}).map((name) => [name, bus]),
    ),
  )('%s is accepted by %s, and reaches its target as documented', async (name = '', bus = '') => {
    const [example] = asyncApi.components.messages[name]?.examples ?? [];
    const { 'detail-type': DetailType, source: Source, detail } = Event.parse(example?.payload);
    const EventBusName = cloud.outputs[bus];
    await cloud.events('PutEvents', {
      Entries: [{ EventBusName, DetailType, Source, Detail: JSON.stringify(detail) }],
    });
    // The queues may also hold events of posts that earlier tests created.
    const events = await eventually(async () => {
      const bodies = (await cloud.queues()).flatMap(({ messages }) => messages.map(({ body }) => body));
      const events = bodies.map((body) => Event.parse(JSON.parse(body)));
      const found = events.filter((event) => event['detail-type'] === name);
      expect(found.map((event) => event.detail)).toContainEqual(detail);
      return found;
    });
    for (const event of events)
      expect(wrongWith(event, 'asyncapi', `#/components/schemas/${name}`)).toBeUndefined();
  });
});
