import { resourceTypes } from '../../src/cloud/resource-types.ts';
import { hopName, requestHop } from '../../src/core/hop.ts';
import { AllQueueContents, type QueueContents, RedriveResult } from '../../src/core/queue-contents.ts';
import { Recorder } from '../../src/core/recorder.ts';
import { Tracer } from '../../src/core/trace.ts';
import { queueRoutes } from '../../src/flow/queue-routes.ts';
import { Redrive } from '../../src/flow/redrive.ts';
import type { InvocationResult } from '../../src/services/lambda/execution-environment.ts';
import { QueueResource } from '../../src/services/sqs/queue-resource.ts';
import { Sqs } from '../../src/services/sqs/sqs.ts';
import { Template } from '../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../fixtures/assembly.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { ServedRoutes } from '../fixtures/served-routes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../fixtures/temporary-journals.ts';
import { fail, succeed } from '../services/lambda/scripted-function.ts';

const folder = temporaryFolder();
const openJournal = temporaryJournals();
const queueArn = (name: string) => `arn:aws:sqs:${account.region}:${account.id}:${name}`;
const shipArn = `arn:aws:lambda:${account.region}:${account.id}:function:ship`;
const streamArn = `arn:aws:dynamodb:${account.region}:${account.id}:table/Orders/stream/1`;
const event = {
  version: '0',
  id: '1',
  'detail-type': 'Ordered',
  source: 'shop',
  account: account.id,
  time: '2026-01-31T09:30:00Z',
  region: account.region,
  resources: [],
  detail: {},
};
const undelivered = { RULE_ARN: 'rule', TARGET_ARN: shipArn, ERROR_CODE: 'NO_PERMISSIONS' };
const failedInvocation = {
  requestContext: { functionArn: shipArn, condition: 'RetriesExhausted' },
  requestPayload: { order: 1 },
};
const failedBatch = {
  requestContext: { functionArn: shipArn, condition: 'RetryAttemptsExhausted' },
  DDBStreamBatchInfo: { streamArn, startSequenceNumber: '3', endSequenceNumber: '5' },
};

const open: ServedRoutes[] = [];
afterEach(() => {
  for (const served of open.splice(0)) served.close();
});

async function setUp(ship: (event: unknown) => InvocationResult = () => succeed()) {
  const template = new Template(
    writeAssembly(
      folder,
      {
        Resources: { Ship: functionResource('ship', { DeadLetterConfig: { TargetArn: queueArn('dead') } }) },
      },
      { ship: '' },
    ),
    account,
    resourceTypes,
  );
  const clock = new ManualClock();
  const recorder = new Recorder(clock);
  const resources = ['work', 'dead'].map((name) => ({
    logicalId: name,
    constructPath: name,
    name,
    arn: queueArn(name),
    properties: QueueResource.properties.parse(
      name === 'work' ? { RedrivePolicy: { deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 1 } } : {},
    ),
  }));
  const sqs = new Sqs({ awsUrl: 'http://aws', clock, journal: openJournal(), resources });
  const calls: unknown[] = [];
  const broken = new Set<string>();
  const act = async (...call: unknown[]): Promise<void> => {
    calls.push(call.slice(0, -1));
    if (broken.has(String(call[0]))) throw new Error(`${call[0]} is broken\n at line 1`);
  };
  const redrive = new Redrive(template, {
    architecture: { label: (place) => place.split(':').at(-1) ?? place },
    eventBridge: { deliverOnce: (...call) => act('events', ...call) },
    lambda: {
      invoke: async (arn, payload) => {
        calls.push(['invoke', arn, payload]);
        return ship(payload);
      },
    },
    mappings: [
      { connects: (stream) => stream === streamArn, deliverOnce: (...call) => act('batch', ...call) },
    ],
    recorder,
    sqs,
    tracer: new Tracer('test'),
  });
  const edges = ['POST /orders', 'GET /orders/{id}', 'GET /orders/{id}/items'].map((request) => {
    const hop = requestHop(request);
    return { id: request, from: 'client', to: 'api', label: request, hop, faults: true };
  });
  const place = (name: string) => name;
  const architecture = { edges, label: place, nodeId: place };
  const served = await ServedRoutes.listen(queueRoutes({ architecture, clock, recorder, redrive, sqs }));
  open.push(served);
  const send = (body: unknown, texts: Record<string, string> = {}, trace = 'a') => {
    const attributes = Object.entries(texts).map(([name, StringValue]) => [
      name,
      { DataType: 'String', StringValue },
    ]);
    const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
    const MessageAttributes = Object.fromEntries(attributes);
    return sqs.call('SendMessage', { QueueUrl: 'dead', MessageBody, MessageAttributes }, { trace });
  };
  const dead = async (): Promise<QueueContents | undefined> => {
    const { body } = await served.call('GET', '/_local/flow/queues');
    return AllQueueContents.parse(body).find(({ queue }) => queue === 'dead');
  };
  const redriveAll = async (ids?: string[]): Promise<RedriveResult> => {
    const { body } = await served.call('POST', '/_local/dead-letters/dead/redrive', ids && { ids });
    return RedriveResult.parse(body);
  };
  return { broken, calls, clock, dead, recorder, redriveAll, send, served, sqs };
}

describe('a redrive', () => {
  it('repeats what failed, and deletes the messages', async () => {
    const { calls, dead, recorder, redriveAll, send, served, sqs } = await setUp();
    await send(event, undelivered);
    await send(failedInvocation);
    await send(failedBatch);
    await send({ order: 2 }, { RequestID: '1', ErrorCode: '200' });
    expect((await dead())?.messages.map(({ source }) => source)).toEqual([
      'ship',
      'stream of Orders → ship',
      'ship',
      'rule → ship',
    ]);
    const result = await redriveAll();
    expect(result).toMatchObject({ redriven: 4, kept: [], untried: 0 });
    expect(calls).toEqual([
      ['events', 'rule', shipArn, event],
      ['invoke', shipArn, { order: 1 }],
      ['batch', '3', '5'],
      ['invoke', shipArn, { order: 2 }],
    ]);
    expect(await dead()).toMatchObject({ count: 0 });
    const [first] = recorder.traces.trace(result.trace ?? '')?.steps ?? [];
    expect(first && hopName(first.hop)).toMatch(/^operator → .*ship$/);

    // A message that was received too often goes back to its queue.
    await sqs.call('SendMessage', { QueueUrl: 'work', MessageBody: 'job' });
    await sqs.call('ReceiveMessage', { QueueUrl: 'work', VisibilityTimeout: 0 });
    await sqs.call('ReceiveMessage', { QueueUrl: 'work' });
    expect(await dead()).toMatchObject({ count: 1, messages: [{ source: 'work' }] });
    expect(await redriveAll()).toMatchObject({ redriven: 1 });
    expect(await dead()).toMatchObject({ count: 0 });
    expect((await served.call('GET', '/_local/dead-letters')).body).toMatchObject([
      { queue: 'work', messages: [{ body: 'job' }] },
      { queue: 'dead', messages: [] },
    ]);
  });

  it('leaves the messages that fail again, with the reason, and the others are redriven', async () => {
    const { broken, dead, recorder, redriveAll, send } = await setUp((payload) =>
      JSON.stringify(payload).includes('bad') ? fail('no such order') : succeed(),
    );
    broken.add('batch');
    await send({ ...failedInvocation, requestPayload: { bad: 1 } });
    await send(failedInvocation);
    await send(failedBatch);
    await send({ reason: 'a message of the app' });
    await send('{"source":"shop"}', undelivered);
    const result = await redriveAll();
    expect(result).toMatchObject({ redriven: 1, untried: 0 });
    const left = (await dead())?.messages ?? [];
    expect(left.map(({ kept }) => kept?.reason)).toEqual([
      expect.stringContaining('The message is not an event.'),
      'It is not known what failed. Send it again to a target.',
      'batch is broken',
      expect.stringContaining('Error: no such order'),
    ]);
    expect(left.every(({ hiddenUntil }) => hiddenUntil === undefined)).toBe(true);
    expect(recorder.traces.trace(left[3]?.kept?.trace ?? '')).toMatchObject({ failed: 1 });
    expect(left[1]?.kept?.trace).toBeUndefined();
    expect(await redriveAll([left[3]?.id ?? ''])).toMatchObject({ redriven: 0, kept: [{ id: left[3]?.id }] });
  });

  it('takes no message that another consumer has received, and none that is gone', async () => {
    const { clock, dead, redriveAll, send, sqs } = await setUp();
    await send(failedInvocation);
    await sqs.call('ReceiveMessage', { QueueUrl: 'dead', VisibilityTimeout: 30 });
    const [message] = (await dead())?.messages ?? [];
    expect(message?.hiddenUntil).toBe(clock.now() + 30_000);
    expect(await redriveAll([message?.id ?? '', 'gone'])).toMatchObject({
      redriven: 0,
      kept: [{ reason: 'Another consumer has received it.' }, { reason: 'It is no longer in the queue.' }],
    });
    clock.advance(30_000);
    expect(await redriveAll()).toMatchObject({ redriven: 1 });
  });

  it('leaves a message alone that another consumer has received while its function ran', async () => {
    const { clock, dead, redriveAll, send, sqs } = await setUp(() => {
      clock.advance(17 * 60_000);
      void sqs.call('ReceiveMessage', { QueueUrl: 'dead', VisibilityTimeout: 60 });
      return fail('too late');
    });
    await send(failedInvocation);
    expect(await redriveAll()).toMatchObject({ redriven: 0, kept: [{ reason: 'Error: too late' }] });
    expect((await dead())?.messages).toMatchObject([{ hiddenUntil: clock.now() + 60_000 }]);
  });

  it('stops when 100 messages have failed', async () => {
    const { calls, dead, redriveAll, send } = await setUp(() => fail());
    for (let count = 0; count < 120; count++) await send(failedInvocation);
    const { kept, untried } = await redriveAll();
    expect(kept.length).toBeGreaterThanOrEqual(100);
    expect(kept.length + untried).toBe(120);
    expect(calls).toHaveLength(kept.length);
    expect(await dead()).toMatchObject({ count: 120, messages: { length: 50 } });
  });
});

describe('the messages of a queue', () => {
  it('name the traces that led to them', async () => {
    const { dead, recorder, send } = await setUp();
    const request = { kind: 'request', hop: { from: 'client', to: 'POST /orders' }, to: 'api' } as const;
    await recorder.record(
      request,
      { trace: 'a' },
      async () => {},
      () => ({ createdId: '7' }),
    );
    await send('text');
    await send('text', {}, 'gone');
    expect((await dead())?.messages.map(({ traces }) => traces)).toEqual([
      [],
      [{ trace: 'a', title: 'POST /orders', createdId: '7', createdPath: '/orders/7' }],
    ]);
  });

  it('are deleted one by one, or all that were sent until a time', async () => {
    const { clock, dead, send, served } = await setUp();
    for (const body of ['one', 'two', 'three']) await send(body);
    const until = clock.now();
    clock.advance(1_000);
    await send('four');
    const [, { id = '' } = {}] = (await dead())?.messages ?? [];
    const path = `/_local/dead-letters/dead/${id}`;
    expect(await served.call('GET', path)).toMatchObject({ status: 200, body: { id, body: 'three' } });
    expect(await served.call('DELETE', path)).toEqual({ status: 200, body: { deleted: 1 } });
    expect(await served.call('GET', path)).toMatchObject({ status: 404 });
    expect(await served.call('DELETE', path)).toEqual({ status: 200, body: { deleted: 0 } });
    const all = '/_local/dead-letters/dead';
    expect(await served.call('DELETE', `${all}?until=${until}`)).toMatchObject({ body: { deleted: 2 } });
    expect(await served.call('DELETE', all)).toMatchObject({ body: { deleted: 1 } });
    expect(await dead()).toMatchObject({ count: 0 });
  });

  it('are neither read nor changed by another site, a GET, or an invalid request', async () => {
    const { dead, send, served } = await setUp();
    await send(failedInvocation);
    const foreign = { origin: 'https://evil.example' };
    const all = '/_local/dead-letters/dead';
    expect(await served.call('DELETE', all, undefined, foreign)).toMatchObject({ status: 403 });
    expect(await served.call('POST', `${all}/redrive`, undefined, foreign)).toMatchObject({ status: 403 });
    expect(await served.call('GET', `${all}/redrive`)).toMatchObject({ status: 404 });
    expect(await served.call('GET', all)).toMatchObject({ status: 404 });
    expect(await served.call('POST', `${all}/redrive`, { ids: [1] })).toMatchObject({ status: 400 });
    expect(await served.call('DELETE', `${all}?until=soon`)).toMatchObject({ status: 400 });
    expect(await served.call('DELETE', '/_local/dead-letters/other')).toMatchObject({ status: 404 });
    expect(await dead()).toMatchObject({ count: 1 });
  });
});
