import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { eventually } from 'local-cloud/fixtures/eventually';
import { hopName, parseHop } from 'local-cloud/hop';
import {
  Architecture,
  Connections,
  SendTargets,
  Sent,
  type Step,
  Topic,
  Trace,
  TracePage,
} from 'local-cloud/steps';
import * as z from 'zod/mini';
import { logQueries } from '../../lib/log-queries.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { expectWholeWays, FlowClient } from './flow-client.ts';
import { fieldsIn, fieldsOf } from './insights-query.ts';

let cloud: LocalCloud;
let flow: FlowClient;
beforeAll(async () => {
  cloud = await LocalCloud.start(UNTHROTTLED);
  flow = await FlowClient.open(cloud);
});
afterAll(() => cloud.stop());

/** Sends a request below `/_local/` and returns the status and the JSON of the response. */
async function call(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${cloud.url}/_local/${path}`, { method, headers, body: JSON.stringify(body) });
  return { status: answer.status, json: await answer.json() };
}

/** Returns the steps of a post when all have ended and `isOver` no longer throws. */
async function traceOf(id: string, isOver: (steps: Step[]) => void): Promise<Step[]> {
  return eventually(async () => {
    const { traces } = await flow.get(`flow/traces?text=${id}&kind=example`, TracePage);
    const [{ trace } = {}] = traces;
    const { steps } = await flow.get(`flow/traces/${trace}`, Trace);
    expect(steps.filter(({ outcome }) => outcome === 'running')).toEqual([]);
    isOver(steps);
    return steps;
  });
}

/** Returns the calls of a post that docs/scaling.md lists, as the names of their hops. */
function listedCalls(): string[] {
  const rows = readFileSync('docs/scaling.md', 'utf8').matchAll(
    /^\| `([\w-]+)` \| `([\w-]+:\w+)` \| (\d+) /gm,
  );
  return [...rows].flatMap(([, from, call, count]) =>
    Array.from({ length: Number(count) }, () => `${from} → ${call}`),
  );
}

it('links every hop of every post to its cause, with the calls that docs/scaling.md lists', async () => {
  const traces = await flow.tracesOfPosts(20, 4);
  expectWholeWays(flow, traces);
  for (const { steps } of traces) {
    const made = steps.filter(({ kind }) => kind === 'call').map(({ hop }) => hopName(hop));
    expect(made.sort()).toEqual(listedCalls().sort());
  }
  const { edges } = await flow.get('flow/architecture', Architecture);
  const drawn = edges.map(({ from, hop, to }) => JSON.stringify([from, hop, to]));
  const taken = traces.flatMap(({ steps }) =>
    steps.map(({ from, hop, to }) => JSON.stringify([from, hop, to])),
  );
  expect([...new Set(taken)].filter((hop) => !drawn.includes(hop))).toEqual([]);
});

it('distinguishes the attempts at a delivery, and the steps that each caused', async () => {
  const email = 'reader@example.com';
  await cloud.subscribe(email, 'retried');
  const { socket } = await cloud.connect();
  await call('POST', 'faults', { hop: 'blogPostCreation → recognize-entities', fault: 'error', times: 1 });
  const id = await flow.post('retried');
  const steps = await traceOf(id, (steps) =>
    expect(steps.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['message', 'mail'])),
  );
  await call('DELETE', 'faults', undefined);
  socket.terminate();
  const deliveries = steps.filter(({ hop }) => hopName(hop) === 'blogPostCreation → recognize-entities');
  expect(deliveries).toEqual([
    expect.objectContaining({
      attempt: 1,
      outcome: 'failed',
      error: 'InternalFailure: A fault was injected.',
      faults: ['error'],
    }),
    expect.objectContaining({ attempt: 2, outcome: 'ok', cause: deliveries[0]?.cause }),
  ]);
  const run = steps.find(
    ({ hop }) => hopName(hop) === 'event queue of recognize-entities → recognize-entities',
  );
  expect(run?.cause).toBe(deliveries[1]?.id);
  expect(run?.payload).toEqual(deliveries[1]?.payload);
  const mail = steps.find(({ kind }) => kind === 'mail');
  expect(steps.find((step) => step.id === mail?.cause)).toMatchObject({ kind: 'delivery', payload: { id } });
  expect(mail).toMatchObject({ to: 'mail', payload: { to: email } });
  const [request, firstRun] = steps;
  expect(request).toMatchObject({ kind: 'request', payload: { topic: 'retried' }, result: { status: 201 } });
  expect(firstRun?.logs?.join()).toContain('The post is saved.');
  const unmatched = steps.find(
    ({ hop, kind, why }) =>
      kind === 'unmatched' && hopName(hop).endsWith(' → ConnectionOpened') && why?.includes('Updated'),
  );
  expect(unmatched?.why).toBe('detail-type is "BlogPostUpdated", and not one of ["ConnectionOpened"]');
});

describe('the saved query', () => {
  const Line = z.looseObject({});
  const lines: string[] = [];
  beforeAll(async () => {
    const { socket } = await cloud.connect();
    const refusal = { fault: 'error', code: 'TextSizeLimitExceededException', status: 400 };
    await call('POST', 'faults', { ...refusal, service: 'comprehend', operation: 'DetectEntities' });
    const id = await flow.post('queried');
    const logsOf = (steps: Step[]) => steps.flatMap(({ logs = [] }) => logs);
    const steps = await traceOf(id, (steps) =>
      expect(logsOf(steps).join()).toContain('The update is pushed.'),
    );
    await call('DELETE', 'faults', undefined);
    socket.terminate();
    lines.push(...logsOf(steps));
  });

  it.each(logQueries)('$name names fields of the log', ({ text }) => {
    // Lambda logs an error that a handler throws; the local cloud does not print it.
    const fields = fieldsIn(text).filter((field) => field !== 'errorType');
    const logged = lines.flatMap((line) => fieldsOf(Line.parse(JSON.parse(line))));
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !logged.includes(field))).toEqual([]);
  });
});

it('shows the cause of a dead letter, and sends it to its target again', async () => {
  const fault = { fault: 'error', code: 'AccessDeniedException', status: 403, times: 1 };
  await call('POST', 'faults', { ...fault, hop: 'blogPostCreation → recognize-entities' });
  const id = await flow.post();
  const steps = await traceOf(id, (steps) => expect(steps.map(({ kind }) => kind)).toContain('dead-letter'));
  await call('DELETE', 'faults', undefined);
  const failed = steps.find(({ outcome }) => outcome === 'failed');
  expect(failed).toMatchObject({ hop: parseHop('blogPostCreation → recognize-entities'), attempt: 1 });
  const dead = steps.find(({ kind }) => kind === 'dead-letter');
  expect(dead?.cause).toBe(failed?.id);
  expect(flow.labelOf(dead?.to ?? '')).toBe('RecognizeEntitiesUndelivered');

  const queues = await cloud.queues();
  const letter = queues.find(({ messages }) => messages.some(({ body }) => body.includes(id)));
  const targets = await flow.get('flow/targets', SendTargets);
  const target = targets.find(({ rule, queues }) => rule && queues.includes(letter?.queue ?? ''));
  expect(target?.label).toBe('blogPostCreation → recognize-entities');
  const payload: unknown = JSON.parse(letter?.messages.at(-1)?.body ?? '');
  const sent = await call('POST', 'flow/send', { target: target?.id, payload });
  expect(sent.status).toBe(202);
  const { trace } = Sent.parse(sent.json);
  await eventually(async () => {
    const { steps } = await flow.get(`flow/traces/${trace}`, Trace);
    expect(steps.map(({ kind }) => kind).slice(0, 3)).toEqual(['request', 'delivery', 'run']);
    expect(steps.map(({ hop }) => hopName(hop))).toContain('BlogPostUpdate → push-post-update');
  });
});

it.each([
  [
    'an invalid event',
    { payload: { detail: {} } },
    /^The payload is not an event\. version: only "0" is supported\. id: a value is required\./,
  ],
  ['no payload', {}, /^The body must be JSON/],
  ['an unknown target', { target: 'nobody', payload: {} }, 'There is no target nobody.'],
])('refuses to send %s', async (_, body, title) => {
  const [target] = await flow.get('flow/targets', SendTargets);
  const refused = await call('POST', 'flow/send', { target: target?.id, ...body });
  expect(refused).toEqual({ status: 400, json: { title: expect.stringMatching(title) } });
});

it('sends any JSON to a function', async () => {
  const targets = await flow.get('flow/targets', SendTargets);
  const target = targets.find(({ label, rule }) => label === 'send-post-state' && !rule);
  const sent = Sent.parse((await call('POST', 'flow/send', { target: target?.id, payload: [] })).json);
  await eventually(async () => {
    const { steps } = await flow.get(`flow/traces/${sent.trace}`, Trace);
    expect(steps[1]).toMatchObject({ kind: 'run', cause: steps[0]?.id, outcome: 'failed', payload: [] });
  });
});

it('refuses a page of another origin', async () => {
  const fault = { service: 'sns', fault: 'throttle' };
  for (const origin of ['https://example.com', 'null', cloud.url.replace(/\d+$/, '1')]) {
    const refused = { status: 403, json: { title: 'Pages of another origin have no access.' } };
    expect(await call('POST', 'faults', fault, { origin })).toEqual(refused);
    expect(await call('POST', 'flow/send', {}, { origin })).toEqual(refused);
    expect(await call('DELETE', 'faults', undefined, { origin })).toEqual(refused);
  }
  expect((await call('POST', 'faults', fault, { origin: cloud.url })).status).toBe(201);
  expect((await call('DELETE', 'faults', undefined, { origin: cloud.url })).json).toEqual([]);
});

it('refuses requests with another host name, as DNS rebinding sends them', async () => {
  for (const path of ['', 'outputs', 'flow/traces']) {
    const headers = { host: 'example.com:3000' };
    const asked = get(`${cloud.url}/_local/${path}`, { headers });
    const answer = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
    answer.resume();
    expect(answer.statusCode).toBe(403);
  }
});

it('redirects to the page if the trailing slash is missing', async () => {
  const page = await fetch(`${cloud.url}/_local`);
  expect([page.status, page.url]).toEqual([200, `${cloud.url}/_local/`]);
});

it('serves the page with a strict Content-Security-Policy', async () => {
  const page = await fetch(`${cloud.url}/_local/`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
  const loaded = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  expect(loaded.sort()).toEqual(['/_local/flow/main.css', '/_local/flow/main.js']);
  for (const path of loaded)
    expect((await (await fetch(`${cloud.url}${path}`)).text()).length).toBeGreaterThan(100);
  expect((await fetch(`${cloud.url}/_local/flow/other.js`)).status).toBe(404);
});

it('tells what changes, once for many changes', async () => {
  await cloud.subscribe('told@example.com', 'told');
  const { topics, changed, stop } = await flow.follow();
  const fault = { fault: 'error', code: 'AccessDeniedException', status: 403, times: 1 };
  await call('POST', 'faults', { ...fault, hop: 'blogPostCreation → recognize-entities' });
  const { socket } = await cloud.connect();
  await flow.post('told');
  await eventually(() => expect([...topics].sort()).toEqual(Topic.options.toSorted()));
  expect(changed.size).toBeGreaterThan(0);
  socket.terminate();
  await call('DELETE', 'faults', undefined);
  topics.clear();
  await eventually(() => expect([...topics]).toEqual(expect.arrayContaining(['connections', 'faults'])));
  stop();
});

it('lists the open connections', async () => {
  const { socket } = await cloud.connect('?topic=listed');
  await eventually(async () => {
    const connections = await flow.get('connections', Connections);
    expect(connections).toContainEqual(expect.objectContaining({ query: { topic: 'listed' } }));
  });
  socket.close();
  await eventually(async () =>
    expect(await flow.get('connections', Connections)).not.toContainEqual(
      expect.objectContaining({ query: { topic: 'listed' } }),
    ),
  );
});
