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

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start();
});
afterAll(() => cloud.stop());

it.each([
  ['/openapi.json', openApi],
  ['/asyncapi.json', asyncApi],
])('%s is the document, with the servers of this machine', async (path, { servers: _, ...document }) => {
  const response = await fetch(`${cloud.url}${path}`);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const { servers, ...served } = z.looseObject({ servers: z.unknown() }).parse(await response.json());
  expect(served).toEqual(document);
  expect(JSON.stringify(servers)).toContain(new URL(cloud.url).host);
});

describe('each example request of openapi.json is served as documented', () => {
  /** Each body alone; then, with the first, each parameter that may be absent. */
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

  it.each(requests)('$method $path $headers $body', async ({ method, path, headers, body }) => {
    const { status } = await cloud.request(path, { method, headers, ...(body && { body }) });
    expect(status).toBeLessThan(400);
  });

  it('and the example post is the one that its key makes', async () => {
    const { id } = exampleCreatedPost;
    const read = async () => (await cloud.request(`/posts/${id}`)).json();
    const enriched = { ...exampleEnrichedPost, createdAt: expect.any(String) };
    await eventually(async () => expect(await read()).toEqual(enriched));
  });

  it('and the example problem is what a post gets that is not valid', async () => {
    const { topic, ...withoutTopic } = examplePost;
    const response = await cloud.post({ ...withoutTopic, title: ' ' });
    expect(await response.json()).toEqual(exampleProblem);
  });

  it('and a page that is not the last has a cursor, which leads to the next', async () => {
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
)('the example message %s of asyncapi.json is answered by %s', async (message = '', answer = '') => {
  const { socket } = await cloud.connect('?topic=nobody-posts-this');
  const answered = once(socket, 'message');
  socket.send(message);
  const [data] = await answered;
  checkMessage(data.toString(), [answer]);
});

it('the mail of a post has the documented notification', async () => {
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

describe('each example event of asyncapi.json is taken by its bus', () => {
  const Event = z.looseObject({ 'detail-type': z.string(), detail: z.unknown() });
  const buses = {
    BlogBusName: asyncApi.channels.blogBus,
    WebSocketBusName: asyncApi.channels.webSocketBus,
  };

  // So that EventBridge keeps each event, as it is, in the queue of the rule's target.
  beforeAll(async () => {
    const gone = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };
    const fault = { service: 'lambda', operation: 'Invoke', ...gone };
    await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  });

  it.each(
    Object.entries(buses).flatMap(([bus, channel]) =>
      Object.keys(channel?.messages ?? {}).map((name) => [name, bus]),
    ),
  )('%s by %s, and comes to its target as documented', async (name = '', bus = '') => {
    const [example] = asyncApi.components.messages[name]?.examples ?? [];
    const { 'detail-type': DetailType, source: Source, detail } = Event.parse(example?.payload);
    const EventBusName = cloud.outputs[bus];
    await cloud.events('PutEvents', {
      Entries: [{ EventBusName, DetailType, Source, Detail: JSON.stringify(detail) }],
    });
    // Events of posts that earlier tests have saved may be there too.
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
