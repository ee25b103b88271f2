import { Fault } from 'local-cloud/faults';
import { eventually } from 'local-cloud/fixtures/eventually';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const MINUTE = 60_000;
// A limit expires at a full second.
const HOUR = 60 * MINUTE + 1000;

const log = new RecordedLog();
let cloud: VirtualCloud;
beforeAll(async () => {
  const assembly = await synthesizedAssembly();
  cloud = await VirtualCloud.start(assembly, log);
});
// All requests come from one IP address, which has a limit of its own.
afterEach(async () => {
  cloud.faults.clear();
  await cloud.pass(HOUR);
});
afterAll(() => cloud.stop());

async function subscribe(email: unknown, ...topics: unknown[]) {
  const response = await cloud.postSubscription({ email, topics });
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, body: await response.json(), ...(retryAfter && { retryAfter }) };
}

const accepted = { status: 202, body: { status: 'pending confirmation' } };
const refused = (retryAfter: RegExp) => ({
  status: 429,
  body: { status: 429 },
  retryAfter: expect.stringMatching(retryAfter),
});

/** Opens the last link in the newest e-mail to an address. */
async function openLink(email: string): Promise<void> {
  const mail = (await cloud.emails(email)).at(-1);
  const link = mail?.text.match(/http\S+/g)?.at(-1) ?? '';
  expect((await fetch(link)).status).toBe(200);
}

/**
 * Creates a post in each topic. Returns the topics of the e-mails to an address after the first
 * `since`.
 */
async function topicsMailed(email: string, since: number): Promise<string[]> {
  for (const topic of ['summer', 'winter']) await cloud.post({ ...examplePost, topic });
  await cloud.pass(MINUTE);
  const mails = (await cloud.emails(email)).slice(since);
  return mails.map(({ text }) => JSON.parse(text.split('\n')[0] ?? '').topic);
}

/** Returns the kinds of the stored limits. */
async function limits(): Promise<string[]> {
  const { TableNames } = z
    .object({ TableNames: z.array(z.string()) })
    .parse(JSON.parse(await cloud.dynamoDb('ListTables', {})));
  const TableName = TableNames.find((name) => name.includes('RequestLimits'));
  const rows = await cloud.dynamoDb('Scan', { TableName });
  const Rows = z.object({ Items: z.array(z.object({ limit: z.object({ S: z.string() }) })) });
  return Rows.parse(JSON.parse(rows)).Items.map(({ limit }) => limit.S.replace(/#.*/, ''));
}

it('mails the posts of the topics after the link is confirmed, until the reader unsubscribes', async () => {
  const email = 'reader@example.com';
  expect(await subscribe(` ${email}`, 'Summer')).toEqual(accepted);
  expect(await cloud.emails(email)).toMatchObject([{ subject: expect.stringContaining('Confirmation') }]);
  expect(await topicsMailed(email, 1)).toEqual([]);
  await openLink(email);
  expect(await topicsMailed(email, 1)).toEqual(['summer']);

  // A request by somebody else reveals nothing about the address, and changes nothing.
  await cloud.pass(HOUR);
  expect(await subscribe(email, 'winter')).toEqual(accepted);
  await cloud.pass(HOUR);
  expect(await subscribe(email, 'summer')).toEqual(accepted);
  expect(await cloud.emails(email)).toHaveLength(2);
  expect(await topicsMailed(email, 2)).toEqual(['summer']);

  // To change the topics, the reader unsubscribes by the link in an e-mail and subscribes again.
  await openLink(email);
  expect(await topicsMailed(email, 3)).toEqual([]);
  await cloud.pass(HOUR);
  expect(await subscribe(email, 'winter')).toEqual(accepted);
  await openLink(email);
  expect(await topicsMailed(email, 4)).toEqual(['winter']);
});

it('mails every accepted post of a burst of 25, throttles the others, and SNS suspends nobody', async () => {
  const email = 'burst@example.com';
  await cloud.subscribe(email, 'burst');
  const burst = () =>
    Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        cloud.post({ ...examplePost, title: `Title ${index}`, topic: 'burst' }),
      ),
    );
  let accepted = 0;
  for (let second = 0; second < 2; second++) {
    const responses = await burst();
    const saved = responses.filter(({ status }) => status === 201);
    expect(saved).toHaveLength(3);
    accepted += saved.length;
    for (const response of responses.filter((one) => !saved.includes(one))) {
      const { status, headers } = response;
      expect([status, headers.get('retry-after'), headers.get('access-control-allow-origin')]).toEqual([
        429,
        '1',
        '*',
      ]);
    }
    await cloud.pass(1000);
  }
  await cloud.pass(MINUTE);
  expect((await cloud.emails(email)).slice(1)).toHaveLength(accepted);
  expect(log.errors).toEqual([]);
});

it('mails the confirmation to a pending address again, once an hour', async () => {
  const email = 'pending@example.com';
  expect(await subscribe(email, 'summer', 'winter')).toEqual(accepted);
  await cloud.pass(20 * MINUTE);
  for (const same of [email, email.toUpperCase(), 'pending+news@example.com'])
    expect(await subscribe(same, 'summer')).toEqual(accepted);
  expect(await cloud.emails(email)).toHaveLength(1);
  await cloud.pass(HOUR - 20 * MINUTE);
  expect(await subscribe(email, 'winter', 'summer')).toEqual(accepted);
  expect(await cloud.emails(email)).toHaveLength(2);
  expect(await cloud.emails('pending+news@example.com')).toEqual([]);
});

// SNS deletes a pending subscription after 48 hours. Then the address can request other topics.
it('mails the first link again to a pending address that requests other topics', async () => {
  const email = 'other-topics@example.com';
  expect(await subscribe(email, 'winter')).toEqual(accepted);
  await cloud.pass(HOUR);
  expect(await subscribe(email, 'summer')).toEqual(accepted);
  expect(await cloud.emails(email)).toHaveLength(2);
  await openLink(email);
  expect(await topicsMailed(email, 2)).toEqual(['winter']);
  // The last link in an e-mail unsubscribes.
  await openLink(email);
  await cloud.pass(HOUR);
  expect(await subscribe(email, 'summer')).toEqual(accepted);
  await openLink(email);
  expect(await topicsMailed(email, 4)).toEqual(['summer']);
});

it('accepts five requests an hour from one IP address', async () => {
  for (let count = 0; count < 5; count++)
    expect(await subscribe(`reader-${count}@example.com`, 'summer')).toEqual(accepted);
  await cloud.pass(10 * MINUTE);
  expect(await subscribe('reader-5@example.com', 'summer')).toMatchObject(refused(/^300[01]$/));
  await cloud.pass(HOUR - 10 * MINUTE);
  expect(await subscribe('reader-5@example.com', 'summer')).toEqual(accepted);
});

it('mails once after two concurrent requests for an address', async () => {
  const email = 'twice@example.com';
  const answers = await Promise.all([subscribe(email, 'summer'), subscribe(email, 'summer')]);
  expect(answers).toEqual([accepted, accepted]);
  expect(await cloud.emails(email)).toHaveLength(1);
});

it('lists all errors of an invalid request, and counts it against no limit', async () => {
  await cloud.pass(HOUR);
  const before = await limits();
  for (let count = 0; count < 6; count++) {
    const { status, body } = await subscribe('reader', 'summer', ' ', 1);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      errors: [
        { path: '/email', message: 'must be an e-mail address' },
        { path: '/topics/1', message: 'must not be empty' },
        { path: '/topics/2', message: 'must be a string' },
      ],
    });
  }
  expect((await cloud.postSubscription('{')).status).toBe(400);
  expect(await limits()).toEqual(before);
});

it('accepts an address again after SNS has failed', async () => {
  cloud.faults.add(Fault.parse({ service: 'sns', operation: 'Subscribe', fault: 'error' }));
  expect(await subscribe('again@example.com', 'summer')).toMatchObject({ status: 503, retryAfter: '1' });
  cloud.faults.clear();
  expect(await subscribe('again@example.com', 'summer')).toEqual(accepted);
});

it('makes SNS mail once for a request, even if the response of SNS is lost', async () => {
  cloud.faults.add(Fault.parse({ service: 'sns', operation: 'Subscribe', fault: 'drop', when: 'after' }));
  expect(await subscribe('once@example.com', 'summer')).toMatchObject({ status: 503, retryAfter: '1' });
  expect(await cloud.emails('once@example.com')).toHaveLength(1);
});

/** Makes the topic have at least this number of subscriptions, each with a filter policy. */
async function fillTopic(count: number): Promise<void> {
  const { TopicArn = '' } = cloud.outputs;
  for (let number = 0; number < count; number++)
    await cloud.sns({
      Action: 'Subscribe',
      TopicArn,
      Protocol: 'email',
      Endpoint: `full-${number}@example.com`,
      'Attributes.entry.1.key': 'FilterPolicy',
      'Attributes.entry.1.value': '{"topic":["summer"]}',
    });
}

it('accepts one address from an IP address while half of the room is pending', async () => {
  await fillTopic(120);
  expect(await subscribe('reserve-0@example.com', 'summer')).toEqual(accepted);
  const full = { status: 503, retryAfter: '3600' };
  expect(await subscribe('reserve-1@example.com', 'summer')).toMatchObject(full);
});

it('returns 503 if the topic has no room for a filter policy, also to a known address', async () => {
  await fillTopic(200);
  for (const email of ['full-0@example.com', 'nobody@example.com'])
    expect(await subscribe(email, 'summer')).toMatchObject({ status: 503, retryAfter: '3600' });
});

it('deletes the limits of an hour when they expire', async () => {
  await eventually(async () => {
    await cloud.pass(2 * MINUTE);
    expect((await limits()).filter((kind) => kind === 'ip' || kind === 'address')).toEqual([]);
  });
});
