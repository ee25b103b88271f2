import { seededChance } from '../../../local/chance.ts';
import type { Invoke } from '../../../local/eventbridge/delivery.ts';
import { EventBridge } from '../../../local/eventbridge/eventbridge.ts';
import { resourceTypes } from '../../../local/resource-types.ts';
import { AwsError } from '../../../local/service.ts';
import { Template } from '../../../local/template/template.ts';
import { eventually } from '../../e2e/eventually.ts';
import { account, writeAssembly } from '../assembly.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordedLog } from '../recorded-log.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'blog' } };

function rule(EventPattern: object, targets: string[], properties: object = {}) {
  const Targets = targets.map((Arn, index) => ({ Id: `Target${index}`, Arn }));
  return {
    Type: 'AWS::Events::Rule',
    Properties: { EventBusName: { Ref: 'Bus' }, EventPattern, Targets, ...properties },
  };
}

/** A service whose targets note what they receive, as `<arn> <payload>`. */
function open(rules: Record<string, object>, invoke: Invoke = async () => {}) {
  const template = new Template(
    writeAssembly(folder, { Resources: { Bus: bus, ...rules } }),
    account,
    resourceTypes,
  );
  const received: string[] = [];
  const clock = new ManualClock();
  const eventBridge = new EventBridge(template, {
    account,
    clock,
    chance: seededChance('test'),
    log: new RecordedLog(),
    invoke: async (arn, payload) => {
      await invoke(arn, payload);
      received.push(`${arn} ${payload}`);
    },
    sendDeadLetter: async () => {},
  });
  const put = (...Entries: object[]) => eventBridge.call('PutEvents', { Entries });
  return { clock, eventBridge, put, received };
}

const entry = { EventBusName: 'blog', Source: 'blog', DetailType: 'Created', Detail: '{"n":1}' };
const taken = { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) };

describe('PutEvents', () => {
  it('makes the event that targets see', async () => {
    const { put, received } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
    expect(await put({ ...entry, Resources: ['r'], Time: 1_769_851_801 })).toEqual({
      FailedEntryCount: 0,
      Entries: [taken],
    });
    await eventually(() => expect(received).toHaveLength(1));
    expect(JSON.parse(received[0]?.slice(2) ?? '')).toEqual({
      version: '0',
      id: taken.EventId,
      'detail-type': 'Created',
      source: 'blog',
      account: '123456789012',
      time: '2026-01-31T09:30:01Z',
      region: 'eu-west-1',
      resources: ['r'],
      detail: { n: 1 },
    });
  });

  it('goes to every target of every rule that matches on that bus', async () => {
    const constant = { Id: 'c', Arn: 'c', Input: '"constant"' };
    const { put, received } = open({
      One: rule({ source: ['blog'] }, ['a', 'b']),
      Two: rule({ detail: { n: [{ numeric: ['>', 0] }] } }, [], { Targets: [constant] }),
      Other: rule({ source: ['other'] }, ['d']),
      Disabled: rule({ source: ['blog'] }, ['e'], { State: 'DISABLED' }),
      Default: rule({ source: ['blog'] }, ['f'], { EventBusName: 'default' }),
    });
    const busArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/blog';
    await put({ ...entry, EventBusName: busArn });
    await eventually(() => expect(received).toHaveLength(3));
    expect(received.map((line) => line.split(' ')[0]).sort()).toEqual(['a', 'b', 'c']);
    expect(received).toContain('c "constant"');
    await put({ ...entry, EventBusName: undefined });
    await eventually(() => expect(received[3]).toMatch(/^f /));
  });

  it('lets no target wait for another that fails', async () => {
    const { clock, put, received } = open({ Rule: rule({ source: ['blog'] }, ['a', 'b']) }, async (arn) => {
      if (arn === 'a') throw new AwsError('InternalFailure', 'broken', 500);
    });
    await put(entry);
    await eventually(() => expect(clock.pending).toBe(1));
    expect(received).toEqual([expect.stringMatching(/^b /)]);
  });

  it('refuses a bad entry alone', async () => {
    const { put, received } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
    const required = (name: string) => ({
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    });
    const malformed = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const answer = await put(
      { ...entry, Source: undefined },
      { ...entry, DetailType: '' },
      { ...entry, Detail: undefined },
      { ...entry, Detail: '{' },
      { ...entry, Detail: '[]' },
      { ...entry, EventBusName: 'nowhere' },
      entry,
    );
    expect(answer).toEqual({
      FailedEntryCount: 6,
      Entries: [
        required('Source'),
        required('DetailType'),
        required('Detail'),
        malformed,
        malformed,
        { ErrorCode: 'ResourceNotFoundException', ErrorMessage: 'Event bus nowhere does not exist.' },
        taken,
      ],
    });
    await eventually(() => expect(received).toHaveLength(1));
  });

  const ofSize = (bytes: number) => ({
    ...entry,
    Detail: `"${'a'.repeat(bytes - 'blogCreated'.length - 2)}"`,
  });

  it.each([
    ['no entries', []],
    ['11 entries', Array(11).fill(entry)],
    ['over 1 MB', [ofSize(1024 * 1024 - 20), ofSize(21)]],
    ['a parameter that is not emulated', [{ ...entry, Shard: 1 }]],
    ['a time that is none', [{ ...entry, Time: 1e15 }]],
    ['a wrong type', [{ ...entry, Detail: {} }]],
  ])('refuses the whole call with %s', async (_name, entries) => {
    const { put, received } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
    await expect(put(...entries)).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
    expect(received).toEqual([]);
  });

  it('takes 10 entries and 1 MB', async () => {
    const { put } = open({});
    const detail = `{"a":"${'a'.repeat(500_000)}"}`;
    expect(
      await put(...Array(8).fill(entry), { ...entry, Detail: detail }, { ...entry, Detail: detail }),
    ).toMatchObject({
      FailedEntryCount: 0,
    });
  });
});

describe('TestEventPattern', () => {
  const event = {
    id: '1',
    account: '1',
    source: 'blog',
    time: '2026-01-31T09:30:00Z',
    region: 'eu-west-1',
    resources: [],
    'detail-type': 'Created',
    detail: { n: 1 },
  };
  const { eventBridge } = open({});
  const ask = (pattern: unknown, asked: unknown) =>
    eventBridge.call('TestEventPattern', {
      EventPattern: JSON.stringify(pattern),
      Event: JSON.stringify(asked),
    });

  it.each([
    [{ source: ['blog'], detail: { n: [1] } }, true],
    [{ source: ['other'] }, false],
  ])('%j gives %s', async (pattern, Result) => {
    expect(await ask(pattern, event)).toEqual({ Result });
  });

  it.each([
    [
      'an event without the fields that all have',
      { source: ['blog'] },
      { source: 'blog' },
      'ValidationException',
    ],
    ['an event that is none', { source: ['blog'] }, 1, 'ValidationException'],
    ['an invalid pattern', { source: 'blog' }, event, 'InvalidEventPatternException'],
  ])('refuses %s', async (_name, pattern, asked, code) => {
    await expect(ask(pattern, asked)).rejects.toMatchObject({ code });
  });
});

it('does not know other operations', async () => {
  await expect(open({}).eventBridge.call('PutRule', {})).rejects.toMatchObject({
    code: 'UnknownOperationException',
  });
});

it('does not start with a rule on a bus that is not there', () => {
  expect(() => open({ Rule: rule({}, [], { EventBusName: 'nowhere' }) })).toThrow(
    'Rule: there is no event bus nowhere.',
  );
});
