import * as z from 'zod/mini';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';
import { archive, arn, openWithArchives, rule } from './opened-archives.ts';

const DAY = 24 * 60 * 60 * 1000;
const folder = temporaryFolder();
const openJournal = temporaryJournals();
const counted = z.object({ EventCount: z.number() });

function open(resources: Record<string, object> = { Archive: archive() }, clock = new ManualClock()) {
  const parts = { journal: openJournal(), archiveJournal: openJournal(), clock };
  const opened = openWithArchives(folder, resources, parts);
  const count = async (ArchiveName = 'past') =>
    counted.parse(await opened.call('DescribeArchive', { ArchiveName })).EventCount;
  return { ...opened, ...parts, count };
}

describe('an archive', () => {
  it('keeps the events that its pattern matches, once each', async () => {
    const { count, put } = open({ Archive: archive({ EventPattern: { source: ['blog'] } }) });
    await put(1);
    await put(2);
    await put(3, { Source: 'other' });
    await put(4, { EventBusName: 'default' });
    await eventually(async () => expect(await count()).toBe(2));
  });

  it('is described as in AWS', async () => {
    const { call, put, count, clock } = open({
      Archive: archive({ EventPattern: { source: ['blog'] }, Description: 'The past' }),
    });
    await put(1);
    await eventually(async () => expect(await count()).toBe(1));
    const entry = {
      ArchiveName: 'past',
      EventSourceArn: arn('event-bus/blog'),
      State: 'ENABLED',
      RetentionDays: 30,
      SizeBytes: expect.any(Number),
      EventCount: 1,
      CreationTime: clock.now() / 1000,
    };
    expect(await call('DescribeArchive', { ArchiveName: 'past' })).toEqual({
      ...entry,
      ArchiveArn: arn('archive/past'),
      Description: 'The past',
      EventPattern: '{"source":["blog"]}',
    });
    expect(await call('ListArchives')).toEqual({ Archives: [entry] });
  });

  it('forgets an event when its retention ends', async () => {
    const { clock, count, put } = open();
    await put(1);
    await eventually(async () => expect(await count()).toBe(1));
    clock.advance(DAY);
    await put(2);
    await eventually(async () => expect(await count()).toBe(2));
    clock.advance(29 * DAY - 1);
    expect(await count()).toBe(2);
    clock.advance(1);
    expect(await count()).toBe(1);
  });

  it('survives the process with its events, until the template is without it', async () => {
    const first = open();
    await first.put(1);
    await eventually(async () => expect(await first.count()).toBe(1));
    // Neither journal is closed, as after a SIGKILL.
    const journals = { journal: openJournal('main'), archiveJournal: openJournal('kept') };
    const second = openWithArchives(folder, { Archive: archive() }, journals);
    await second.put(1);
    await eventually(async () =>
      expect(await second.call('DescribeArchive', { ArchiveName: 'past' })).toMatchObject({ EventCount: 1 }),
    );
    await journals.archiveJournal.written();
    const later = { journal: openJournal('main'), archiveJournal: openJournal('kept') };
    const third = openWithArchives(folder, { Archive: archive({ RetentionDays: 7 }) }, later);
    expect(await third.call('DescribeArchive', { ArchiveName: 'past' })).toMatchObject({
      EventCount: 1,
      RetentionDays: 7,
    });
    await later.archiveJournal.written();
    const last = { journal: openJournal('main'), archiveJournal: openJournal('kept') };
    const fourth = openWithArchives(folder, {}, last);
    expect(await fourth.call('ListArchives')).toEqual({ Archives: [] });
    await last.archiveJournal.written();
    const { left } = openJournal('kept').section('archived', z.unknown());
    expect(left.size).toBe(0);
  });

  it('stops the start if its bus does not exist', () => {
    expect(() => open({ Archive: archive({ SourceArn: arn('event-bus/none') }) })).toThrow(
      'Archive: there is no event bus none.',
    );
  });

  it('retries an event that it could not keep', async () => {
    const { clock, count, faults, put } = open();
    const { Fault } = await import('../../../src/core/faults.ts');
    faults.add(Fault.parse({ hop: 'Events-Archive-past → past', fault: 'error', times: 1 }));
    await put(1);
    await eventually(() => expect(clock.pending).toBe(1));
    expect(await count()).toBe(0);
    clock.advance(1_000);
    await eventually(async () => expect(await count()).toBe(1));
  });
});

describe('the operations of archives', () => {
  const name = { ArchiveName: 'other' };
  const EventSourceArn = arn('event-bus/blog');

  it('create, change and delete an archive', async () => {
    const { call, count, put } = open({});
    const created = await call('CreateArchive', { ...name, EventSourceArn, RetentionDays: 1 });
    expect(created).toEqual({
      ArchiveArn: arn('archive/other'),
      CreationTime: expect.any(Number),
      State: 'ENABLED',
    });
    await put(1);
    await eventually(async () => expect(await count('other')).toBe(1));
    const EventPattern = '{"source":["none"]}';
    expect(await call('UpdateArchive', { ...name, EventPattern, Description: 'changed' })).toEqual(created);
    expect(await call('DescribeArchive', name)).toMatchObject({
      EventPattern,
      Description: 'changed',
      RetentionDays: 1,
    });
    expect(await call('DeleteArchive', name)).toEqual({});
    expect(await call('ListArchives')).toEqual({ Archives: [] });
  });

  it.each([
    [
      'CreateArchive',
      { ...name, EventSourceArn: arn('event-bus/none') },
      'ResourceNotFoundException',
      'Event bus none does not exist.',
    ],
    [
      'CreateArchive',
      { ArchiveName: 'past', EventSourceArn },
      'ResourceAlreadyExistsException',
      'Archive past already exists.',
    ],
    ['CreateArchive', { ...name, EventSourceArn, EventPattern: '{' }, 'InvalidEventPatternException', ''],
    [
      'CreateArchive',
      { ArchiveName: 'a/b', EventSourceArn },
      'ValidationException',
      "Value 'a/b' at 'archiveName' failed to satisfy constraint",
    ],
    [
      'CreateArchive',
      { ArchiveName: 'a'.repeat(49), EventSourceArn },
      'ValidationException',
      'less than or equal to 48',
    ],
    [
      'CreateArchive',
      { ...name, EventSourceArn, RetentionDays: -1 },
      'ValidationException',
      'greater than or equal to 0',
    ],
    [
      'CreateArchive',
      { ...name, EventSourceArn, KmsKeyIdentifier: 'key' },
      'ValidationException',
      'KmsKeyIdentifier',
    ],
    ['UpdateArchive', name, 'ResourceNotFoundException', 'Archive other does not exist.'],
    ['UpdateArchive', { ArchiveName: 'past', EventPattern: '[]' }, 'InvalidEventPatternException', ''],
    ['DescribeArchive', name, 'ResourceNotFoundException', 'Archive other does not exist.'],
    ['DeleteArchive', name, 'ResourceNotFoundException', 'Archive other does not exist.'],
    [
      'ListArchives',
      { EventSourceArn: arn('event-bus/none') },
      'ResourceNotFoundException',
      'Event bus none does not exist.',
    ],
    [
      'ListArchives',
      { NamePrefix: 'p', State: 'ENABLED' },
      'ValidationException',
      'At most one filter is allowed for ListArchives.',
    ],
    ['ListArchives', { State: 'GONE' }, 'ValidationException', ''],
    ['ListArchives', { NextToken: 'x' }, 'ValidationException', 'NextToken'],
    ['ListRules', { EventBusName: 'none' }, 'ResourceNotFoundException', 'Event bus none does not exist.'],
    [
      'ListTargetsByRule',
      { Rule: 'none', EventBusName: 'blog' },
      'ResourceNotFoundException',
      'Rule none does not exist on EventBus blog.',
    ],
  ])('refuse %s %j: %s', async (operation, input, code, message) => {
    const { call } = open();
    await expect(call(operation, input)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('list archives by a prefix, a bus or a state, in pages', async () => {
    const { call } = open({});
    for (const ArchiveName of ['a1', 'a2', 'b']) await call('CreateArchive', { ArchiveName, EventSourceArn });
    const List = z.object({
      Archives: z.array(z.object({ ArchiveName: z.string() })),
      NextToken: z.optional(z.string()),
    });
    const names = async (input: object) => {
      const { Archives, NextToken } = List.parse(await call('ListArchives', input));
      return { names: Archives.map(({ ArchiveName }) => ArchiveName), NextToken };
    };
    expect(await names({ NamePrefix: 'a' })).toEqual({ names: ['a1', 'a2'], NextToken: undefined });
    expect(await names({ EventSourceArn: arn('event-bus/default') })).toMatchObject({ names: [] });
    expect(await names({ State: 'DISABLED' })).toMatchObject({ names: [] });
    const { NextToken, names: first } = await names({ Limit: 2 });
    expect(first).toEqual(['a1', 'a2']);
    expect(await names({ Limit: 2, NextToken })).toEqual({ names: ['b'], NextToken: undefined });
  });
});

describe('the operations of rules', () => {
  it('show the rules of a bus, with the rule that is managed for an archive', async () => {
    const { call } = open({ Archive: archive(), One: rule('one'), Two: rule('two', { State: 'DISABLED' }) });
    const pattern = '{"source":["blog"]}';
    expect(await call('ListRules', { EventBusName: 'blog' })).toEqual({
      Rules: [
        expect.objectContaining({
          Name: 'Events-Archive-past',
          Arn: arn('rule/blog/Events-Archive-past'),
          EventPattern: '{"replay-name":[{"exists":false}]}',
          ManagedBy: 'prod.vhs.events.aws.internal',
        }),
        expect.objectContaining({
          Name: 'one',
          Arn: arn('rule/blog/one'),
          EventPattern: pattern,
          State: 'ENABLED',
        }),
        expect.objectContaining({ Name: 'two', State: 'DISABLED' }),
      ],
    });
    expect(await call('ListTargetsByRule', { EventBusName: arn('event-bus/blog'), Rule: 'one' })).toEqual({
      Targets: [expect.objectContaining({ Id: 'Target', Arn: 'arn:aws:sns:eu-west-1:123456789012:one' })],
    });
  });
});
