import { resourceTypes } from '../../src/cloud/resource-types.ts';
import { parseHop } from '../../src/core/hop.ts';
import { NodeContents } from '../../src/core/node-contents.ts';
import { type Passing, Recorder } from '../../src/core/recorder.ts';
import { AwsError } from '../../src/core/service.ts';
import { Tracer } from '../../src/core/trace.ts';
import { architectureGraph } from '../../src/flow/architecture.ts';
import { nodeRoutes } from '../../src/flow/node-routes.ts';
import { Redrive } from '../../src/flow/redrive.ts';
import { Sqs } from '../../src/services/sqs/sqs.ts';
import { Template } from '../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../fixtures/assembly.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { ServedRoutes } from '../fixtures/served-routes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../fixtures/temporary-journals.ts';

const folder = temporaryFolder();
const openJournal = temporaryJournals();
const shipArn = `arn:aws:lambda:${account.region}:${account.id}:function:ship`;
const open: ServedRoutes[] = [];
afterEach(() => {
  for (const served of open.splice(0)) served.close();
});

const Resources = {
  Ship: functionResource('ship', {
    Environment: { Variables: { TABLE: 'orders', API_TOKEN: 'secret', URL: 'https://aws.example' } },
  }),
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'shop' } },
  Placed: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'placed',
      EventBusName: { Ref: 'Bus' },
      EventPattern: { source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } },
      Targets: [{ Id: 'ship', Arn: shipArn }],
    },
  },
};

async function setUp(more: Record<string, object> = {}) {
  const assembly = writeAssembly(folder, { Resources: { ...Resources, ...more } }, { ship: '' });
  const template = new Template(assembly, account, resourceTypes);
  const clock = new ManualClock();
  const recorder = new Recorder(clock);
  const architecture = architectureGraph(template, { allowsRole: () => false }, account);
  const sqs = new Sqs({ awsUrl: 'http://aws', clock, journal: openJournal(), resources: [] });
  const unused = { call: async () => ({}) };
  const lambda = { invoke: async () => ({ ok: true, payload: '' }) as const };
  const redrive = new Redrive(template, {
    architecture,
    eventBridge: { deliverOnce: async () => {} },
    lambda,
    mappings: [],
    recorder,
    sqs,
    tracer: new Tracer('test'),
  });
  const routes = nodeRoutes(template, {
    architecture,
    dynamoDb: unused,
    eventBridge: {
      call: async () => {
        throw new AwsError('ResourceNotFoundException', 'Archive orders does not exist.');
      },
    },
    localize: (value) => value.replace('https://aws.example', 'http://localhost'),
    recorder,
    redrive,
    sns: unused,
    sqs,
    webSocketApi: undefined,
  });
  const served = await ServedRoutes.listen(routes);
  open.push(served);
  const node = async (id: string) =>
    NodeContents.parse((await served.call('GET', `/_local/flow/nodes/${id}`)).body);
  return { clock, node, recorder, served };
}

it('shows the runs of a function with their errors and logs, and its environment without secrets', async () => {
  const { clock, node, recorder } = await setUp();
  const run: Passing = { kind: 'run', hop: parseHop('event queue of ship → ship'), to: shipArn };
  const call: Passing = { kind: 'call', hop: parseHop('other → lambda:Invoke'), to: shipArn };
  recorder.note(call, { trace: 'a' });
  await recorder.record(run, { trace: 'b' }, async (own) => {
    clock.advance(20);
    recorder.log(own, 'a line\n');
  });
  await expect(
    recorder.record(run, { trace: 'c' }, () => Promise.reject(new Error('<b>broken</b>'))),
  ).rejects.toThrow();
  const { counts, facts, steps, tables } = await node('Ship');
  expect(counts).toEqual({ steps: 2, failed: 1 });
  expect(steps).toMatchObject([
    { trace: 'c', outcome: 'failed', error: '<b>broken</b>', logs: [] },
    { trace: 'b', outcome: 'ok', logs: ['a line\n'], text: 'event queue of ship → ship' },
  ]);
  expect(facts).toContainEqual({ name: 'timeout', value: '3 s' });
  expect(tables).toEqual([
    {
      title: 'Environment',
      columns: ['name', 'value'],
      rows: [
        ['API_TOKEN', '(hidden)'],
        ['TABLE', 'orders'],
        ['URL', 'http://localhost'],
      ],
    },
  ]);
});

it('shows the newest 25 events of a bus, once for all its rules', async () => {
  const { node, recorder } = await setUp();
  for (let n = 0; n < 30; n++) {
    const payload = JSON.stringify({ source: 'shop', 'detail-type': `Event ${n}`, detail: {} });
    const put: Passing = { kind: 'call', hop: parseHop('ship → events:PutEvents'), to: 'shop' };
    const cause = recorder.note(put, { trace: `${n}` });
    recorder.note({ kind: 'event', hop: parseHop('shop → placed'), to: ruleArn(), payload }, cause);
    recorder.note({ kind: 'unmatched', hop: parseHop('shop → other'), to: 'other', payload }, cause);
  }
  const { counts, steps, tables } = await node('Bus');
  expect(counts).toEqual({ steps: 30, failed: 0 });
  expect(steps).toHaveLength(25);
  expect(steps[0]).toMatchObject({ trace: '29', text: 'Event 29 of shop', outcome: 'ok' });
  expect(tables).toEqual([{ title: 'Rules and archives', columns: ['name'], rows: [['placed']] }]);
});

it('tests an event against the pattern of a rule', async () => {
  const { node, recorder, served } = await setUp();
  const event = { source: 'shop', detail: { total: 7 } };
  recorder.note(
    { kind: 'unmatched', hop: parseHop('shop → placed'), to: ruleArn(), payload: JSON.stringify(event) },
    { trace: 'a' },
  );
  expect(await node('Placed')).toMatchObject({
    pattern: Resources.Placed.Properties.EventPattern,
    event,
    steps: [{ outcome: 'no match' }],
    tables: [{ title: 'Targets', rows: [['ship', '185', 'none']] }],
  });
  const path = '/_local/flow/nodes/Placed/test';
  expect(await served.call('POST', path, event)).toMatchObject({
    status: 200,
    body: { matches: false, why: expect.stringContaining('total') },
  });
  expect(await served.call('POST', path, { ...event, detail: { total: 11 } })).toMatchObject({
    body: { matches: true },
  });
  for (const body of [[], 'text', null])
    expect(await served.call('POST', path, body)).toMatchObject({ status: 400 });
});

it('says why a node cannot be read, e.g. a deleted archive', async () => {
  const Properties = { ArchiveName: 'orders', SourceArn: { 'Fn::GetAtt': ['Bus', 'Arn'] } };
  const { served } = await setUp({ Orders: { Type: 'AWS::Events::Archive', Properties } });
  expect(await served.call('GET', '/_local/flow/nodes/Orders')).toEqual({
    status: 400,
    body: { title: 'Archive orders does not exist.' },
  });
});

it('refuses what is not there, and other sites', async () => {
  const { served } = await setUp();
  const status = async (method: string, path: string, origin?: string) =>
    (await served.call(method, `/_local/flow/nodes/${path}`, undefined, origin ? { origin } : {})).status;
  expect(await status('GET', 'Nothing')).toBe(404);
  expect(await status('GET', 'constructor')).toBe(404);
  expect(await status('GET', 'Bus/items')).toBe(404);
  expect(await status('POST', 'Bus/test')).toBe(404);
  expect(await status('GET', 'Placed/test')).toBe(404);
  expect(await status('GET', 'Ship', 'https://evil.example')).toBe(403);
  expect(await status('POST', 'Placed/test', 'https://evil.example')).toBe(403);
});

function ruleArn(): string {
  return `arn:aws:events:${account.region}:${account.id}:rule/shop/placed`;
}
