import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Fault, Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { type Cause, Tracer } from '../../../src/core/trace.ts';
import type { Invoke } from '../../../src/services/eventbridge/delivery.ts';
import { EventBridge } from '../../../src/services/eventbridge/eventbridge.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';

const folder = temporaryFolder();
const openJournal = temporaryJournals();
const arnOf = (name: string) => `arn:aws:sns:eu-west-1:123456789012:${name}`;
const nameIn = (arn: string) => arn.replace(arnOf(''), '');
const bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'blog' } };

function rule(EventPattern: object, targets: string[], properties: object = {}) {
  const Targets = targets.map((name, index) => ({ Id: `Target${index}`, Arn: arnOf(name) }));
  return {
    Type: 'AWS::Events::Rule',
    Properties: { EventBusName: { Ref: 'Bus' }, EventPattern, Targets, ...properties },
  };
}

/** Returns a service whose targets record their input, as `<name> <payload>`, and its cause. */
function open(
  rules: Record<string, object>,
  invoke: Invoke = async () => {},
  { clock = new ManualClock(), journal = openJournal(), recorder = new Recorder(clock, false) } = {},
) {
  const template = new Template(
    writeAssembly(folder, { Resources: { Bus: bus, ...rules } }),
    account,
    resourceTypes,
  );
  const received: string[] = [];
  const causes: Cause[] = [];
  const chance = seededChance('test');
  const log = new RecordedLog();
  const faults = new Faults({ clock, chance, log });
  const eventBridge = new EventBridge(template, {
    account,
    archiveJournal: openJournal(),
    clock,
    chance,
    faults,
    journal,
    localize: (value) => value.replace('https://page.example', 'http://localhost:3001'),
    recorder,
    log,
    tracer: new Tracer('test'),
    invoke: async (arn, payload, ruleOfTarget, cause) => {
      await invoke(arn, payload, ruleOfTarget, cause);
      received.push(`${nameIn(arn)} ${payload}`);
      causes.push(cause);
    },
    sendDeadLetter: async () => {},
    authorizeService: () => {},
    labelOf: (arn) => `label of ${nameIn(arn)}`,
  });
  const put = (...Entries: object[]) => eventBridge.call('PutEvents', { Entries });
  return { causes, clock, eventBridge, faults, log, put, received };
}

const ruleArnOf = (answer: object): string =>
  z.object({ Rules: z.array(z.object({ Arn: z.string() })) }).parse(answer).Rules[0]?.Arn ?? '';

const entry = { EventBusName: 'blog', Source: 'blog', DetailType: 'Created', Detail: '{"n":1}' };
const nestedDetail = (levels: number) => `${'{"n":'.repeat(levels)}1${'}'.repeat(levels)}`;
const taken = { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) };

it('delivers an event to one target once, whether the rule matches it or not, without a retry', async () => {
  let isBroken = true;
  const rules = { Rule: rule({ source: ['blog'] }, ['a', 'b']) };
  const { clock, eventBridge, received } = open(rules, async () => {
    if (isBroken) throw new AwsError('Broken', 'The target is broken.', 500);
  });
  const ruleArn = ruleArnOf(await eventBridge.call('ListRules', { EventBusName: 'blog' }));
  const event = {
    version: '0' as const,
    id: '1',
    'detail-type': 'Other',
    source: 'other',
    account: '123456789012',
    time: '2026-01-31T09:30:01Z',
    region: 'eu-west-1',
    resources: [],
    detail: {},
  };
  const deliver = (target: string) => eventBridge.deliverOnce(ruleArn, arnOf(target), event, { trace: 'x' });
  await expect(deliver('b')).rejects.toThrow('ERROR_FROM_TARGET: The target is broken.');
  expect(clock.pending).toBe(0);
  isBroken = false;
  await deliver('b');
  expect(received).toEqual([`b ${JSON.stringify(event)}`]);
  await expect(deliver('c')).rejects.toThrow('no longer has the target');
});

describe('PutEvents', () => {
  it('creates the event that targets receive', async () => {
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

  it('records an event that no rule matches as one that ends at its bus', async () => {
    const clock = new ManualClock();
    const recorder = new Recorder(clock);
    const { put } = open({ Rule: rule({ source: ['blog'] }, ['a']) }, undefined, { clock, recorder });
    await put({ ...entry, Source: 'other' }, entry);
    await eventually(() =>
      expect(
        recorder.traces
          .newest(2)
          .map(({ unwanted }) => unwanted)
          .sort(),
      ).toEqual([0, 1]),
    );
    const lost = recorder.traces.newest(2).find(({ unwanted }) => unwanted > 0);
    expect(lost?.steps).toMatchObject([
      { kind: 'request' },
      { kind: 'unwanted', hop: { from: 'blog', to: 'no rule' }, to: 'blog', cause: lost?.steps[0]?.id },
      { kind: 'unmatched', cause: lost?.steps[1]?.id },
    ]);
  });

  it('delivers to every target of every matching rule on the bus', async () => {
    const constant = { Id: 'c', Arn: arnOf('c'), Input: '"constant"' };
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

  it('delivers to other targets while one fails', async () => {
    const { clock, put, received } = open({ Rule: rule({ source: ['blog'] }, ['a', 'b']) }, async (arn) => {
      if (nameIn(arn) === 'a') throw new AwsError('InternalFailure', 'broken', 500);
    });
    await put(entry);
    await eventually(() => expect(clock.pending).toBe(1));
    expect(received).toEqual([expect.stringMatching(/^b /)]);
  });

  it('refuses only the invalid entry', async () => {
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
      { ...entry, Detail: nestedDetail(1_001) },
      { ...entry, Source: 'aws.ec2' },
      entry,
    );
    expect(answer).toEqual({
      FailedEntryCount: 7,
      Entries: [
        required('Source'),
        required('DetailType'),
        required('Detail'),
        malformed,
        malformed,
        malformed,
        { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
        taken,
      ],
    });
    await eventually(() => expect(received).toHaveLength(1));
  });

  it.each([
    ['TraceHeader', '', 'traceHeader', 'Member must have length greater than or equal to 1'],
    ['TraceHeader', 'a'.repeat(501), 'traceHeader', 'Member must have length less than or equal to 500'],
    ['EventBusName', '', 'eventBusName', 'Member must have length greater than or equal to 1'],
    ['EventBusName', 'a'.repeat(1601), 'eventBusName', 'Member must have length less than or equal to 1600'],
    ['EventBusName', 'a b', 'eventBusName', 'Member must satisfy regular expression pattern: '],
  ])('refuses the call for the %s "%s" of one entry', async (name, value, place, constraint) => {
    const { put } = open({});
    await expect(put(entry, { ...entry, [name]: value })).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(
        `1 validation error detected: Value '${value}' at 'entries.2.member.${place}' failed to satisfy constraint: ${constraint}`,
      ),
    });
  });

  it('accepts the longest values, and refuses only the entry with a longer detail type', async () => {
    const { put } = open({});
    const longest = {
      ...entry,
      DetailType: 'a'.repeat(128),
      Resources: ['a'.repeat(2048)],
      TraceHeader: 'a'.repeat(500),
    };
    expect(await put(longest, { ...entry, DetailType: 'a'.repeat(129) })).toEqual({
      FailedEntryCount: 1,
      Entries: [
        taken,
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage:
            'Parameter DetailType is not valid. Reason: DetailType must not be longer than 128 characters.',
        },
      ],
    });
    await expect(put({ ...longest, Resources: ['a'.repeat(2049)] })).rejects.toMatchObject({
      message: expect.stringContaining("at 'entries.1.member.resources.1.member' failed to satisfy"),
    });
  });

  it('accepts a detail with 1,000 levels', async () => {
    const { log, put, received } = open({ Rule: rule({ detail: { a: [{ exists: false }] } }, ['a']) });
    expect(await put({ ...entry, Detail: nestedDetail(1_000) })).toMatchObject({ FailedEntryCount: 0 });
    await eventually(() => expect(received).toHaveLength(1));
    expect(log.errors).toEqual([]);
  });

  it('logs a lost event if the local cloud itself fails, and continues with the other rules', async () => {
    const failing = async (arn: string) => {
      if (nameIn(arn) === 'b') throw new AwsError('NotFound', 'gone', 404);
    };
    const One = rule({ source: ['other'] }, ['a'], { Name: 'one' });
    const Two = rule({ source: ['blog'] }, ['b', 'c'], { Name: 'two' });
    const { log, put, received } = open({ One, Two }, failing);
    const { error } = log;
    jest.spyOn(log, 'trace').mockImplementation((...[text]: string[]) => {
      if (text === 'one does not match') throw new Error('in matching');
    });
    jest.spyOn(log, 'error').mockImplementation((source, message) => {
      if (message.startsWith('given up')) throw new Error('in delivery');
      error.call(log, source, message);
    });
    await put(entry);
    await eventually(() =>
      expect(log.errors).toEqual([
        expect.stringMatching(/^one: LOST.*in matching/),
        expect.stringMatching(/^two: LOST.*in delivery/),
      ]),
    );
    expect(received).toEqual([expect.stringMatching(/^c /)]);
  });

  it('drops an event for an unknown bus, and only logs it', async () => {
    const { log, put, received } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
    expect(await put({ ...entry, EventBusName: 'nowhere' }, entry)).toMatchObject({ FailedEntryCount: 0 });
    await eventually(() => expect(received).toHaveLength(1));
    expect(log.errors).toEqual(['eventbridge: LOST an event: there is no event bus nowhere']);
  });

  it('passes on its cause, and to the entries of a batch the causes of their members', async () => {
    const { causes, eventBridge } = open({ Rule: rule({ source: ['blog'] }, ['a', 'b']) });
    const Entries = [entry, { ...entry, Detail: '{"id":"post-2"}' }];
    const members = new Map([['post-2', { trace: 'second' }]]);
    await eventBridge.call('PutEvents', { Entries }, { trace: 'batch', members });
    await eventually(() => expect(causes).toHaveLength(4));
    expect(causes.map(({ trace }) => trace)).toEqual(['batch', 'batch', 'second', 'second']);
  });

  it('begins a trace for an event without a cause, the same in every run', async () => {
    const run = async () => {
      const { causes, put } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
      await put(entry, entry);
      await eventually(() => expect(causes).toHaveLength(2));
      return causes;
    };
    const causes = await run();
    expect(causes[0]).not.toEqual(causes[1]);
    expect(await run()).toEqual(causes);
  });

  it('applies a fault at the hop to one target only to that target', async () => {
    const Rule = rule({ source: ['blog'] }, ['a', 'b'], { Name: 'creation' });
    const { clock, faults, put, received } = open({ Rule });
    faults.add(Fault.parse({ fault: 'error', hop: 'creation → label of a', times: 1 }));
    await put(entry);
    await eventually(() => expect(clock.pending).toBe(1));
    expect(received).toEqual([expect.stringMatching(/^b /)]);
    clock.jump();
    await eventually(() => expect(received).toEqual([received[0], expect.stringMatching(/^a /)]));
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
    ['an invalid time', [{ ...entry, Time: 1e15 }]],
    ['a wrong type', [{ ...entry, Detail: {} }]],
  ])('refuses the whole call with %s', async (_name, entries) => {
    const { put, received } = open({ Rule: rule({ source: ['blog'] }, ['a']) });
    await expect(put(...entries)).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
    expect(received).toEqual([]);
  });

  it('accepts 10 entries and 1 MB', async () => {
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
  ])('%j returns %s', async (pattern, Result) => {
    expect(await ask(pattern, event)).toEqual({ Result });
  });

  it.each([
    [
      'an event without the fields that all have',
      { source: ['blog'] },
      { source: 'blog' },
      'ValidationException',
    ],
    ['an invalid event', { source: ['blog'] }, 1, 'ValidationException'],
    ['an invalid pattern', { source: 'blog' }, event, 'InvalidEventPatternException'],
  ])('refuses %s', async (_name, pattern, asked, code) => {
    await expect(ask(pattern, asked)).rejects.toMatchObject({ code });
  });
});

it('refuses other operations', async () => {
  await expect(open({}).eventBridge.call('PutRule', {})).rejects.toMatchObject({
    code: 'UnknownOperationException',
  });
});

describe('a schedule', () => {
  const scheduled = (ScheduleExpression: string, properties: object = {}) => ({
    Type: 'AWS::Events::Rule',
    Properties: { ScheduleExpression, Targets: [{ Id: 'a', Arn: arnOf('a') }], ...properties },
  });

  it('sends its own event to its targets repeatedly', async () => {
    const { clock, received } = open({ Rule: scheduled('rate(5 minutes)', { Name: 'tick' }) });
    clock.jump();
    await eventually(() => expect(received).toHaveLength(1));
    expect(JSON.parse(received[0]?.slice(2) ?? '')).toEqual({
      version: '0',
      id: taken.EventId,
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '123456789012',
      time: '2026-01-31T09:35:00Z',
      region: 'eu-west-1',
      resources: ['arn:aws:events:eu-west-1:123456789012:rule/tick'],
      detail: {},
    });
    clock.jump();
    clock.jump();
    await eventually(() => expect(received).toHaveLength(3));
    expect(received[2]).toContain('"time":"2026-01-31T09:45:00Z"');
  });

  it('runs by its cron expression, sends its targets their input, and has a cause for each run', async () => {
    const Targets = [
      { Id: 'a', Arn: arnOf('a'), InputTransformer: { InputTemplate: '"<aws.events.rule-name>"' } },
    ];
    const { causes, clock, received } = open({
      Rule: scheduled('cron(0 10 * * ? *)', { Name: 'tick', Targets }),
    });
    clock.jump();
    expect(new Date(clock.now()).toISOString()).toBe('2026-01-31T10:00:00.000Z');
    clock.jump();
    expect(new Date(clock.now()).toISOString()).toBe('2026-02-01T10:00:00.000Z');
    await eventually(() => expect(received).toEqual(['a "tick"', 'a "tick"']));
    expect(causes[0]).not.toEqual(causes[1]);
  });

  it('replaces the URLs of AWS in its input by those of this machine', async () => {
    const page = '{"page":"https://page.example/p/<id>"}';
    const transformer = { InputPathsMap: { id: '$.id' }, InputTemplate: page };
    const Targets = [
      { Id: 'a', Arn: arnOf('a'), Input: '{"page":"https://page.example"}' },
      { Id: 'b', Arn: arnOf('b'), InputTransformer: transformer },
    ];
    const { clock, received } = open({ Rule: scheduled('rate(1 minute)', { Targets }) });
    clock.jump();
    await eventually(() => expect(received).toHaveLength(2));
    expect(received).toContain('a {"page":"http://localhost:3001"}');
    expect(received.join()).toContain('b {"page":"http://localhost:3001/p/');
  });

  it('does not run early if its timer fires early', async () => {
    const { clock, received } = open({ Rule: scheduled('rate(30 days)') });
    const early = jest.spyOn(clock, 'now').mockReturnValueOnce(Date.parse('2026-02-25T09:30:00Z'));
    clock.jump();
    early.mockRestore();
    await Promise.resolve();
    expect(received).toEqual([]);
    clock.jump();
    await eventually(() => expect(received).toHaveLength(1));
  });

  it('can be combined with a pattern, and does not run if the rule is disabled', async () => {
    const { clock, put, received } = open({
      Both: scheduled('rate(1 day)', { EventPattern: { source: ['blog'] } }),
      Alone: scheduled('rate(1 day)', { State: 'DISABLED' }),
    });
    expect(clock.pending).toBe(1);
    await put({ ...entry, EventBusName: 'default' });
    await eventually(() => expect(received).toHaveLength(1));
    clock.jump();
    await eventually(() => expect(received).toHaveLength(2));
  });

  it('ends with its last year', () => {
    expect(open({ Rule: scheduled('cron(0 10 * * ? 2020)') }).clock.pending).toBe(0);
  });

  it.each([
    [
      'on another bus',
      { EventBusName: { Ref: 'Bus' } },
      'ScheduleExpression is supported only on the default',
    ],
    [
      'with an invalid expression',
      { ScheduleExpression: 'cron(* * * * *)' },
      'Parameter ScheduleExpression is not valid',
    ],
    [
      'without an expression or a pattern',
      { ScheduleExpression: undefined },
      'EventPattern or ScheduleExpression must be specified',
    ],
  ])('does not start %s', (_name, properties, message) => {
    expect(() => open({ Rule: scheduled('rate(1 day)', properties) })).toThrow(message);
  });
});

it.each([
  ['more than 185 retries', { MaximumRetryAttempts: 186 }],
  ['an age below a minute', { MaximumEventAgeInSeconds: 59 }],
])('does not start with a retry policy of %s', (_name, RetryPolicy) => {
  const Targets = [{ Id: 'a', Arn: arnOf('a'), RetryPolicy }];
  expect(() => open({ Rule: rule({ source: ['blog'] }, [], { Targets }) })).toThrow('RetryPolicy');
});

it('does not start with more than five targets of a rule', () => {
  expect(() => open({ Rule: rule({ source: ['blog'] }, ['a', 'b', 'c', 'd', 'e', 'f']) })).toThrow('Targets');
});

it('does not start with a rule on an unknown bus', () => {
  expect(() => open({ Rule: rule({ source: ['blog'] }, [], { EventBusName: 'nowhere' }) })).toThrow(
    'Rule: there is no event bus nowhere.',
  );
});

describe('a restart', () => {
  const rules = { Rule: rule({ source: ['blog'] }, ['a', 'b']) };

  it('delivers the events that no rule had seen', async () => {
    const journal = openJournal('unseen');
    const { put } = open(rules, undefined, { journal });
    await put(entry);
    // Ends before the event is routed, as a SIGKILL after the response does.
    journal.close();
    const restarted = open(rules, undefined, { journal: openJournal('unseen') });
    expect(restarted.received).toEqual([]);
    restarted.eventBridge.resume();
    await eventually(() => expect(restarted.received.length).toBeGreaterThanOrEqual(2));
    await setImmediate();
    expect(restarted.received).toHaveLength(2);
    expect(restarted.received.map((line) => line.split(' ')[0])).toEqual(['a', 'b']);
    expect(restarted.causes).toEqual([
      { trace: expect.stringMatching(/^[0-9a-f]{24}$/), resumed: true },
      { trace: expect.stringMatching(/^[0-9a-f]{24}$/), resumed: true },
    ]);
  });

  it('continues with the retries of the target that has failed, where they were', async () => {
    const journal = openJournal('retries');
    const clock = new ManualClock();
    const times: number[] = [];
    const fail: Invoke = async (arn) => {
      if (nameIn(arn) === 'b') return;
      times.push(clock.now());
      throw new AwsError('InternalFailure', 'broken', 500);
    };
    const { put, received } = open(rules, fail, { clock, journal });
    await put(entry);
    await eventually(() => expect(times).toHaveLength(1));
    clock.jump();
    await eventually(() => expect(times).toHaveLength(2));
    expect(received).toHaveLength(1);
    await journal.written();
    journal.close();

    const restarted = open(rules, undefined, { clock, journal: openJournal('retries') });
    restarted.eventBridge.resume();
    // The second retry is due after the first by twice its delay, with jitter.
    clock.advance(999);
    expect(restarted.received).toEqual([]);
    clock.advance(1_001);
    await eventually(() => expect(restarted.received).toHaveLength(1));
    expect(restarted.received[0]).toMatch(/^a /);
  });

  it('has nothing to deliver once all targets have the event', async () => {
    const journal = openJournal('done');
    const { put, received } = open(rules, undefined, { journal });
    await put(entry);
    await eventually(() => expect(received).toHaveLength(2));
    await journal.written();
    journal.close();
    const restarted = openJournal('done');
    for (const name of ['events', 'deliveries'])
      expect(restarted.section(name, z.unknown()).left).toEqual(new Map());
  });

  it('reports an event whose target is gone', async () => {
    const journal = openJournal('gone');
    const { put, log } = open(rules, () => Promise.reject(new AwsError('Throttled', 'later', 429)), {
      journal,
    });
    await put(entry);
    await eventually(() => expect(log.warnings).toHaveLength(2));
    await journal.written();
    journal.close();
    const restarted = open({ Rule: rule({ source: ['blog'] }, ['a']) }, undefined, {
      journal: openJournal('gone'),
    });
    restarted.eventBridge.resume();
    expect(restarted.log.errors).toEqual([
      expect.stringMatching(/^eventbridge: LOST an event: .* no longer has the target Target1/),
    ]);
  });
});
