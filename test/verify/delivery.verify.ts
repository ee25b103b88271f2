import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from 'local-cloud/faults';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import * as z from 'zod/mini';
import { edit } from '../../checks/fault-matrix/edits.ts';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let cloud: VirtualCloud;
let assembly: string;

// The relay would run once in each of the virtual minutes, and has nothing to do here.
beforeAll(async () => {
  assembly = await mkdtemp(join(tmpdir(), 'delivery-'));
  const schedule = { construct: 'OutboxRelay/Rule', at: ['Properties', 'State'], to: 'DISABLED' };
  await edit(await synthesizedAssembly(), assembly, [schedule]);
});
afterAll(() => rm(assembly, { recursive: true, force: true }));
beforeEach(async () => {
  cloud = await VirtualCloud.start(assembly, new RecordedLog());
});
afterEach(() => cloud.stop());

function switchOn(fault: object): void {
  cloud.faults.add(Fault.parse(fault));
}

/** Returns the messages in the queue whose name contains `name`. */
async function waitingIn(name: string) {
  const queues = await cloud.queues();
  return queues.filter(({ queue }) => queue.includes(name)).flatMap(({ messages }) => messages);
}

const Attributes = z.record(z.string(), z.looseObject({ StringValue: z.optional(z.string()) }));

it('retries a delivery for 24 hours, and does not delay the other target of the event', async () => {
  const { messages } = await cloud.connect();
  switchOn({ service: 'sns', operation: 'Publish', fault: 'throttle' });
  await cloud.post(examplePost);
  await cloud.pass(SECOND);
  expect(messages).toMatchObject([{ type: 'post.updated' }]);
  expect(await waitingIn('TopicUndelivered')).toEqual([]);
  await cloud.pass(23 * HOUR);
  expect(await waitingIn('TopicUndelivered')).toEqual([]);
  await cloud.pass(2 * HOUR);
  const [letter] = await waitingIn('TopicUndelivered');
  const attributes = Attributes.parse(letter?.attributes);
  expect(
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value.StringValue])),
  ).toEqual({
    RULE_ARN: expect.stringContaining('rule/BlogdevBlogBus'),
    TARGET_ARN: cloud.outputs.TopicArn,
    ERROR_CODE: 'THROTTLING',
    ERROR_MESSAGE: 'Rate exceeded',
    RETRY_ATTEMPTS: '185',
    EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
  });
  expect(JSON.parse(letter?.body ?? '')).toMatchObject({ 'detail-type': 'BlogPostCreated' });
});

it('retries a failed function after one minute and after two more, then reports to its failure destination', async () => {
  switchOn({ function: 'recognize-entities', fault: 'error', code: 'Broken', message: 'on purpose' });
  await cloud.post(examplePost);
  await cloud.pass(3 * MINUTE - SECOND);
  expect(await waitingIn('RecognizeEntitiesFailures')).toEqual([]);
  await cloud.pass(2 * SECOND);
  const [record] = await waitingIn('RecognizeEntitiesFailures');
  expect(JSON.parse(record?.body ?? '')).toMatchObject({
    version: '1.0',
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { detail: { post: examplePost } },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    responsePayload: { errorType: 'Broken', errorMessage: 'on purpose' },
  });
});

it('retries a throttled function until it runs, or until the event is too old', async () => {
  const { messages } = await cloud.connect();
  switchOn({ function: 'recognize-entities', fault: 'throttle' });
  await cloud.post(examplePost);
  await cloud.pass(5 * MINUTE);
  expect(messages).toEqual([]);
  cloud.faults.clear();
  await cloud.pass(5 * MINUTE);
  expect(messages).toMatchObject([{ type: 'post.updated' }]);
  switchOn({ function: 'recognize-entities', fault: 'throttle' });
  await cloud.post(examplePost);
  await cloud.pass(7 * HOUR);
  const [record] = await waitingIn('RecognizeEntitiesFailures');
  expect(JSON.parse(record?.body ?? '')).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
  });
});

it('blocks the stream behind a failing batch, reports the batch after its last retry, and continues', async () => {
  switchOn({ function: 'publish-post-updates', fault: 'error' });
  await cloud.post(examplePost);
  await cloud.pass(HOUR);
  expect(await waitingIn('PostsStreamFailures')).toEqual([]);
  await cloud.pass(6 * HOUR);
  const [record] = await waitingIn('PostsStreamFailures');
  expect(JSON.parse(record?.body ?? '')).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: expect.stringMatching(/^\d{21,}$/) },
  });
  cloud.faults.clear();
  const { messages } = await cloud.connect();
  await cloud.post(examplePost);
  await cloud.pass(SECOND);
  expect(messages).toMatchObject([{ type: 'post.updated' }]);
});

it('retries the delivery of a mail for 6 hours', async () => {
  await cloud.subscribe('reader@example.com', 'summer');
  switchOn({ service: 'sns', operation: 'Deliver', fault: 'error' });
  await cloud.post(examplePost);
  await cloud.pass(5 * HOUR);
  expect(await cloud.emails('reader@example.com')).toHaveLength(1);
  cloud.faults.clear();
  await cloud.pass(HOUR);
  expect(await cloud.emails('reader@example.com')).toHaveLength(2);
});

it('closes a WebSocket after 10 idle minutes, and removes its items', async () => {
  const { socket } = await cloud.connect();
  await cloud.pass(9 * MINUTE);
  socket.send('{"action":"ping"}');
  await once(socket, 'message');
  const closed = once(socket, 'close');
  await cloud.pass(9 * MINUTE);
  expect(socket.readyState).toBe(socket.OPEN);
  await cloud.pass(2 * MINUTE);
  expect((await closed)[0]).toBe(1001);
  expect(await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName })).toContain(
    '"Count":0',
  );
});

it('keeps the items of a connection that opens after hours on the virtual clock', async () => {
  await cloud.pass(3 * HOUR);
  const { messages } = await cloud.connect();
  await cloud.pass(2 * MINUTE);
  await cloud.post(examplePost);
  await cloud.pass(SECOND);
  expect(messages).toMatchObject([{ type: 'post.updated' }]);
});
