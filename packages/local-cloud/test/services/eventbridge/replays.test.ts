import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import { Fault } from '../../../src/core/faults.ts';
import { hopName } from '../../../src/core/hop.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';
import { archive, arn, openWithArchives, rule } from './opened-archives.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const folder = temporaryFolder();
const openJournal = temporaryJournals();

const Described = z.object({ State: z.string(), EventLastReplayedTime: z.optional(z.number()) });
const resources = { Archive: archive(), One: rule('one'), Two: rule('two') };

function open(
  names: { journal?: string; archiveJournal?: string } = {},
  clock = new ManualClock(),
  all: Record<string, object> = resources,
) {
  const journals = {
    journal: openJournal(names.journal),
    archiveJournal: openJournal(names.archiveJournal),
  };
  const opened = openWithArchives(folder, all, { ...journals, clock });
  const describe = async (ReplayName: string) =>
    Described.parse(await opened.call('DescribeReplay', { ReplayName }));
  return {
    ...opened,
    ...journals,
    describe,
    /** Archives events of different minutes, and forgets their deliveries. */
    async archived(count: number, gap = MINUTE) {
      for (let n = 0; n < count; n++) {
        await opened.put(n);
        clock.advance(gap);
      }
      await eventually(async () =>
        expect(await opened.call('DescribeArchive', { ArchiveName: 'past' })).toMatchObject({
          EventCount: count,
        }),
      );
      opened.received.length = 0;
    },
    /** Lets the replay run until it ends. */
    async ended(name: string) {
      await eventually(async () => {
        clock.advance(100);
        await setImmediate();
        expect((await describe(name)).State).toMatch(/^(COMPLETED|CANCELLED|FAILED)$/);
      });
      return describe(name);
    },
  };
}

/** The numbers in the events that a rule has received. */
const numbers = (received: { rule: string; event: Record<string, unknown> }[], name = 'one') =>
  received.flatMap(({ rule, event }) =>
    rule === name ? z.object({ n: z.number() }).parse(event.detail).n : [],
  );

describe('a replay', () => {
  it('hands the events of its span to its rules alone, with its name, minute by minute', async () => {
    const { archived, ended, received, replay } = open();
    await archived(5);
    await replay('again');
    expect(await ended('again')).toMatchObject({ State: 'COMPLETED' });
    await eventually(() => expect(received).toHaveLength(5));
    expect(numbers(received)).toEqual([0, 1, 2, 3, 4]);
    expect(Object.keys(received[0]?.event ?? {})).toEqual([
      'version',
      'id',
      'detail-type',
      'source',
      'account',
      'time',
      'region',
      'replay-name',
      'resources',
      'detail',
    ]);
    expect(received[0]?.event['replay-name']).toBe('again');
  });

  it('replays the events of one minute in any order', async () => {
    const { archived, ended, received, replay } = open();
    await archived(20, 1_000);
    await replay('again');
    await ended('again');
    await eventually(() => expect(received).toHaveLength(20));
    const order = numbers(received);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(new Set(order).size).toBe(20);
  });

  it('reaches every rule of the bus if none is named, and is not archived again', async () => {
    const { archived, call, ended, received, replay } = open();
    await archived(2);
    await replay('again', { Destination: { Arn: arn('event-bus/blog') } });
    await ended('again');
    await eventually(() => expect(received).toHaveLength(4));
    expect([numbers(received, 'one'), numbers(received, 'two')]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(await call('DescribeArchive', { ArchiveName: 'past' })).toMatchObject({ EventCount: 2 });
  });

  it('includes its start and excludes its end', async () => {
    const { archived, clock, ended, received, replay } = open();
    const start = clock.now() / 1000;
    await archived(4);
    await replay('again', { EventStartTime: start + 60, EventEndTime: start + 180 });
    expect(await ended('again')).toMatchObject({ EventLastReplayedTime: start + 120 });
    await eventually(() => expect(numbers(received)).toEqual([1, 2]));
  });

  it('is described as in AWS, with its progress', async () => {
    const { archived, call, clock, describe, ended, replay } = open();
    await archived(2);
    const started = {
      ReplayArn: arn('replay/again'),
      ReplayStartTime: clock.now() / 1000,
      State: 'STARTING',
    };
    expect(await replay('again', { Description: 'Once more' })).toEqual(started);
    expect(await describe('again')).toEqual({ State: 'STARTING' });
    clock.advance(100);
    await eventually(async () => expect(await describe('again')).toMatchObject({ State: 'RUNNING' }));
    await ended('again');
    const entry = {
      ReplayName: 'again',
      EventSourceArn: arn('archive/past'),
      State: 'COMPLETED',
      EventStartTime: Date.parse('2026-01-01') / 1000,
      EventEndTime: expect.any(Number),
      EventLastReplayedTime: expect.any(Number),
      ReplayStartTime: started.ReplayStartTime,
      ReplayEndTime: expect.any(Number),
    };
    expect(await call('DescribeReplay', { ReplayName: 'again' })).toEqual({
      ...entry,
      ReplayArn: started.ReplayArn,
      Description: 'Once more',
      Destination: { Arn: arn('event-bus/blog'), FilterArns: [arn('rule/blog/one')] },
    });
    expect(await call('ListReplays')).toEqual({ Replays: [entry] });
    expect(await call('ListReplays', { State: 'FAILED' })).toEqual({ Replays: [] });
    expect(await call('ListReplays', { NamePrefix: 'other' })).toEqual({ Replays: [] });
    expect(await call('ListReplays', { EventSourceArn: arn('archive/past') })).toEqual({ Replays: [entry] });
  });

  it('has no last event if it had none', async () => {
    const { ended, replay } = open();
    await replay('again');
    expect(await ended('again')).toEqual({ State: 'COMPLETED' });
  });

  it('is forgotten after 90 days, when its name is free again', async () => {
    const { call, clock, ended, replay } = open();
    await replay('again');
    await ended('again');
    clock.advance(90 * DAY);
    expect(await call('ListReplays')).toEqual({ Replays: [] });
    expect(await replay('again')).toMatchObject({ State: 'STARTING' });
  });

  it('stops when it is cancelled', async () => {
    const { archived, call, clock, describe, ended, received, replay } = open();
    await archived(5);
    await replay('again');
    clock.advance(100);
    await eventually(() => expect(received).toHaveLength(1));
    expect(await call('CancelReplay', { ReplayName: 'again' })).toEqual({
      ReplayArn: arn('replay/again'),
      State: 'CANCELLING',
    });
    expect((await describe('again')).State).toBe('CANCELLING');
    expect((await ended('again')).State).toBe('CANCELLED');
    expect(numbers(received)).toEqual([0]);
    await expect(call('CancelReplay', { ReplayName: 'again' })).rejects.toMatchObject({
      code: 'IllegalStatusException',
      message: 'Replay again is not in a valid state for this operation.',
    });
  });

  it('fails with the reason on an error at its hop, and keeps its events', async () => {
    const { archived, call, ended, faults, log, received, replay } = open();
    await archived(2);
    faults.add(Fault.parse({ hop: 'past → one', fault: 'error' }));
    await replay('again');
    expect((await ended('again')).State).toBe('FAILED');
    expect(await call('DescribeReplay', { ReplayName: 'again' })).toMatchObject({
      StateReason: 'A fault was injected.',
    });
    expect(log.errors).toEqual(['eventbridge: the replay again has failed: A fault was injected.']);
    expect(received).toEqual([]);
    expect(await call('DescribeArchive', { ArchiveName: 'past' })).toMatchObject({ EventCount: 2 });
  });

  it('begins a trace for each event', async () => {
    const { archived, ended, received, recorder, replay } = open();
    await archived(1);
    await replay('again');
    await ended('again');
    await eventually(() => expect(received).toHaveLength(1));
    const [{ trace = '' } = {}] = recorder.traces.newest(1);
    expect(recorder.traces.trace(trace)?.steps.map(({ hop }) => hopName(hop))).toEqual([
      'administrator → events:StartReplay',
      'past → one',
      'one → one',
    ]);
  });
});

describe('after the end of the process', () => {
  it('repeats the minute that was not done, and continues with the next one', async () => {
    const first = open({ journal: 'killed', archiveJournal: 'killed archives' });
    await first.archived(4);
    await first.replay('again');
    first.clock.advance(100);
    await eventually(() => expect(first.received).toHaveLength(1));
    first.clock.advance(100);
    await eventually(() => expect(first.received).toHaveLength(2));
    await first.archiveJournal.written();
    await first.journal.written();
    // Neither journal is closed, as after a SIGKILL.
    const second = open({ journal: 'killed', archiveJournal: 'killed archives' }, first.clock);
    second.eventBridge.resume();
    expect((await second.ended('again')).State).toBe('COMPLETED');
    await eventually(() => expect(numbers(second.received)).toEqual(expect.arrayContaining([2, 3])));
    expect(new Set([...numbers(first.received), ...numbers(second.received)])).toEqual(new Set([0, 1, 2, 3]));
  });

  it('is cancelled if it was being cancelled', async () => {
    const first = open({ archiveJournal: 'cancelled' });
    await first.archived(2);
    await first.replay('again');
    await first.call('CancelReplay', { ReplayName: 'again' });
    const second = open({ archiveJournal: 'cancelled' }, first.clock);
    second.eventBridge.resume();
    expect((await second.ended('again')).State).toBe('CANCELLED');
    expect(second.received).toEqual([]);
  });

  it('fails if the archive is gone', async () => {
    const first = open({ archiveJournal: 'gone' });
    await first.archived(2);
    await first.replay('again');
    const { Archive: _, ...rules } = resources;
    const second = open({ archiveJournal: 'gone' }, first.clock, rules);
    second.eventBridge.resume();
    expect((await second.ended('again')).State).toBe('FAILED');
    expect(second.log.errors).toEqual([
      'eventbridge: the replay again has failed: The archive past does not exist.',
    ]);
  });
});

describe('StartReplay', () => {
  const bus = arn('event-bus/blog');
  it.each([
    [
      { Destination: { Arn: arn('rule/blog/one') } },
      'ValidationException',
      'Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.',
    ],
    [
      { Destination: { Arn: arn('event-bus/none') } },
      'ResourceNotFoundException',
      'Event bus none does not exist.',
    ],
    [
      { Destination: { Arn: arn('event-bus/default') } },
      'ValidationException',
      'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    ],
    [
      { EventSourceArn: arn('archive/none') },
      'ValidationException',
      'Parameter EventSourceArn is not valid. Reason: Archive none does not exist.',
    ],
    [
      { EventEndTime: Date.parse('2026-01-01') / 1000 },
      'ValidationException',
      'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    ],
    [{ EventEndTime: 0 }, 'ValidationException', 'EventStartTime must be before EventEndTime.'],
    [{ ReplayName: 'known' }, 'ResourceAlreadyExistsException', 'Replay known already exists.'],
    [
      { ReplayName: 'a b' },
      'ValidationException',
      "Value 'a b' at 'replayName' failed to satisfy constraint",
    ],
    [
      { Destination: { Arn: bus, FilterArns: [arn('rule/blog/none')] } },
      'ResourceNotFoundException',
      'Rule none does not exist on EventBus blog.',
    ],
    [
      { Destination: { Arn: bus, FilterArns: [arn('rule/one')] } },
      'ResourceNotFoundException',
      'Rule one does not exist on EventBus blog.',
    ],
    [{ EventStartTime: 'now' }, 'ValidationException', 'EventStartTime'],
  ])('refuses %j: %s', async (input, code, message) => {
    const { call, replay } = open();
    await replay('known');
    await expect(replay('again', input)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    await expect(call('DescribeReplay', { ReplayName: 'again' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Replay again does not exist.',
    });
  });

  it('allows ten active replays', async () => {
    const { ended, replay } = open();
    for (let n = 0; n < 10; n++) await replay(`${n}`);
    await expect(replay('again')).rejects.toMatchObject({ code: 'LimitExceededException' });
    await ended('0');
    expect(await replay('again')).toMatchObject({ State: 'STARTING' });
  });
});
