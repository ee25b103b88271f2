import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { unthrottled } from '../../testing/unthrottled.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;
const reader = 'reader@example.com';

/** Switches all faults off as soon as one has struck. */
class OneStrike extends RecordedLog {
  override warn(source: string, message: string): void {
    super.warn(source, message);
    if (source === 'fault') cloud.faults.clear();
  }
}

let cloud: VirtualCloud;
beforeAll(async () => {
  const assembly = await synthesizedAssembly(unthrottled);
  cloud = await VirtualCloud.start(assembly, new OneStrike());
  await cloud.subscribe(reader, 'summer');
});
afterAll(() => cloud.stop());

async function post(key: string | undefined, body: object = examplePost) {
  const response = await cloud.request('/posts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const fiveAtOnce = (key: string) => Promise.all(Array.from({ length: 5 }, () => post(key)));

/**
 * Returns a function that lets three minutes pass and counts the e-mails and pushes since this
 * call.
 */
async function watch() {
  const { socket, messages } = await cloud.connect();
  const before = (await cloud.emails(reader)).length;
  return async () => {
    await cloud.pass(3 * MINUTE);
    socket.terminate();
    return { mails: (await cloud.emails(reader)).length - before, pushes: messages.length };
  };
}

it('creates one post for five concurrent requests, and announces it once', async () => {
  const outcome = await watch();
  const answers = await fiveAtOnce('five');
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
  const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
  expect(replayed).toHaveLength(4);
  expect(await outcome()).toEqual({ mails: 1, pushes: 1 });

  const enriched = await post('five');
  expect(enriched.body).toBe(answers[0]?.body);
  expect(enriched.headers.get('idempotency-replayed')).toBe('true');
  expect(enriched.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed');
});

it('creates one post for five requests if the first crashes after its save, and announces it once', async () => {
  const outcome = await watch();
  cloud.faults.add(
    Fault.parse({
      function: 'create-post',
      service: 'dynamodb',
      operation: 'PutItem',
      fault: 'crash',
      when: 'after',
    }),
  );
  const answers = await fiveAtOnce('dies');
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 502]);
  const saved = answers.filter(({ status }) => status === 201);
  expect(new Set(saved.map(({ body }) => body)).size).toBe(1);
  for (const { headers } of saved) expect(headers.get('idempotency-replayed')).toBe('true');
  expect(await outcome()).toEqual({ mails: 1, pushes: 1 });
});

it.each([
  ['a key', 'lost'],
  ['no key', undefined],
])('announces a post once, without delay, if the response to its put is lost, with %s', async (_, key) => {
  const outcome = await watch();
  const before = (await cloud.emails(reader)).length;
  cloud.faults.add(Fault.parse({ service: 'dynamodb', operation: 'PutItem', fault: 'drop', when: 'after' }));
  const answer = post(key);
  await eventually(() => expect(cloud.faults.active).toBe(false));
  // The relay ignores a new marker for longer.
  await cloud.pass(MINUTE / 2);
  const { status, headers } = await answer;
  expect(status).toBe(201);
  expect(headers.get('idempotency-replayed')).toBeNull();
  expect(await cloud.emails(reader)).toHaveLength(before + 1);
  expect(await outcome()).toEqual({ mails: 1, pushes: 1 });
});

it('refuses other content with the same key, and accepts it with another key', async () => {
  expect((await post('content')).status).toBe(201);
  const refusal = await post('content', { ...examplePost, title: 'Other' });
  expect(refusal.status).toBe(422);
  expect(refusal.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(refusal.body)).toEqual({
    type: 'about:blank',
    title: 'Unprocessable Entity',
    status: 422,
    detail: 'The Idempotency-Key was sent before, with another post.',
  });
  expect((await post('content', { ...examplePost, title: ' Title\n', topic: 'SUMMER' })).status).toBe(201);
  expect((await post('content-2', { ...examplePost, title: 'Other' })).status).toBe(201);
});

it.each([
  ['256 characters', 'x'.repeat(256)],
  ['a space', 'a b'],
  ['é', 'é'],
  ['an empty string', ''],
])('refuses %s as a key', async (_, key) => {
  const { status, headers } = await post(key);
  expect(status).toBe(400);
  expect(headers.get('content-type')).toBe('application/problem+json');
});

it('creates a post for each request without a key', async () => {
  const ids = new Set<string>();
  for (let request = 0; request < 2; request++) ids.add(await (await cloud.post(examplePost)).text());
  expect(ids.size).toBe(2);
});
