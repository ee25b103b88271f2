import {
  CancelReplayCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  IllegalStatusException,
  ListReplaysCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { Replayer } from '../../operations/replayer.ts';
import type { Stack } from '../../operations/stack.ts';

const now = Date.parse('2026-01-31T09:30:00.000Z');
const arn = (resource: string, service = 'events') => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const archive = {
  ArchiveName: 'past',
  ArchiveArn: arn('archive/past'),
  CreationTime: new Date('2026-01-01'),
  EventCount: 7,
  EventSourceArn: arn('event-bus/blog'),
  RetentionDays: 30,
};
const rules = [
  { Name: 'count', Arn: arn('rule/blog/count'), State: 'ENABLED' },
  { Name: 'blogPostCreation', Arn: arn('rule/blog/blogPostCreation'), State: 'ENABLED' },
  { Name: 'off', Arn: arn('rule/blog/off'), State: 'DISABLED' },
  { Name: 'bare', Arn: arn('rule/blog/bare'), State: 'ENABLED' },
  { Name: 'onward', Arn: arn('rule/blog/onward'), State: 'ENABLED' },
  {
    Name: 'Events-Archive-past',
    Arn: arn('rule/blog/Events-Archive-past'),
    State: 'ENABLED',
    ManagedBy: 'aws',
  },
] as const;
const targets: Record<string, string[]> = {
  count: [arn('function:count', 'lambda')],
  blogPostCreation: [arn('function:recognize', 'lambda'), arn('topic', 'sns')],
  onward: [arn('event-bus/other')],
};

const events = mockClient(EventBridgeClient);
beforeEach(() => {
  events.reset();
  events.on(DescribeArchiveCommand, { ArchiveName: 'past' }).resolves(archive);
  events
    .on(ListRulesCommand)
    .callsFake(({ NextToken }) =>
      NextToken ? { Rules: rules.slice(2) } : { Rules: rules.slice(0, 2), NextToken: 'more' },
    );
  events
    .on(ListTargetsByRuleCommand)
    .callsFake(({ Rule }) => ({ Targets: (targets[Rule] ?? []).map((Arn) => ({ Id: 'Target', Arn })) }));
});

const request = { rule: 'count', from: '2026-01-30T00:00:00Z', to: '2026-01-31T00:00:00Z' };

function replayer({
  answers = ['yes'],
  interrupts = [] as number[],
  outputs = { BlogArchiveName: 'past' } as object,
} = {}) {
  const lines: string[] = [];
  const left = [...answers];
  let sleeps = 0;
  const stack: Stack = {
    outputs: {
      ApiUrl: '',
      PostsTableName: '',
      PublishPostUpdatesFunctionName: '',
      RecognizeEntitiesFunctionName: '',
      RelayAnnouncementsFunctionName: '',
      ...outputs,
    },
    settings: {},
    queueUrls: new Map(),
  };
  return {
    lines,
    replayer: new Replayer({
      stack,
      now,
      print: (line) => lines.push(line),
      confirm: async (question) => {
        lines.push(question);
        return left.shift() === 'yes';
      },
      interrupted: () => interrupts.includes(sleeps),
      sleep: async () => {
        sleeps++;
      },
    }),
  };
}

function states(...some: object[]): void {
  let call = 0;
  events.on(DescribeReplayCommand).callsFake(() => ({
    EventSourceArn: archive.ArchiveArn,
    EventEndTime: new Date(request.to),
    ...some[Math.min(call++, some.length - 1)],
  }));
}

describe('a replay', () => {
  it('shows what it will do, asks, and hands the events of the span to the rule alone', async () => {
    states(
      { State: 'STARTING' },
      { State: 'RUNNING', EventLastReplayedTime: new Date('2026-01-30T12:00:00Z') },
      {
        State: 'COMPLETED',
        EventLastReplayedTime: new Date('2026-01-30T23:00:00Z'),
      },
    );
    const { lines, replayer: one } = replayer();
    expect(await one.replay(request)).toBe(true);
    expect(lines).toEqual([
      'Rule:    count on the bus blog',
      'Targets: count',
      'Span:    2026-01-30T00:00:00Z to 2026-01-31T00:00:00Z',
      'Archive: past, events in all since 2026-01-01T00:00:00Z: 7. EventBridge does not tell how many are in the span.',
      'Replay these events to count, and to no other rule?',
      'Ctrl-C asks whether to cancel the replay.',
      'count-20260131T093000Z: STARTING, nothing replayed',
      'count-20260131T093000Z: RUNNING, replayed up to 2026-01-30T12:00:00Z of 2026-01-31T00:00:00Z',
      'count-20260131T093000Z: COMPLETED, replayed up to 2026-01-30T23:00:00Z of 2026-01-31T00:00:00Z',
    ]);
    expect(events.commandCalls(StartReplayCommand).map(({ args }) => args[0].input)).toEqual([
      {
        ReplayName: 'count-20260131T093000Z',
        EventSourceArn: archive.ArchiveArn,
        EventStartTime: new Date(request.from),
        EventEndTime: new Date(request.to),
        Destination: { Arn: archive.EventSourceArn, FilterArns: [arn('rule/blog/count')] },
      },
    ]);
  });

  it('does nothing unless it is confirmed', async () => {
    const { replayer: one } = replayer({ answers: ['no'] });
    expect(await one.replay(request)).toBe(false);
    expect(events.commandCalls(StartReplayCommand)).toEqual([]);
  });

  it('says if the archive can lack recent events', async () => {
    const { lines, replayer: one } = replayer({ answers: [] });
    await one.replay({ ...request, to: '2026-01-31T09:25:00Z' });
    expect(lines).toContainEqual(expect.stringContaining('lack events of the last 10 minutes'));
  });

  it.each([
    [
      'blogPostCreation',
      /^Refused: the rule blogPostCreation delivers to the topic topic\. .* npm run redrive alone\.$/,
    ],
    ['onward', /^Refused: the rule onward delivers to the event bus event-bus\/other\./],
    ['off', 'The rule off is disabled'],
    ['bare', 'The rule bare has no target'],
    ['none', 'There is no rule "none" on the bus blog, only count, blogPostCreation, off, bare, onward.'],
    ['Events-Archive-past', 'There is no rule "Events-Archive-past"'],
    ['', 'There is no rule ""'],
  ])('is refused to the rule %j, whatever the operator says', async (rule, message) => {
    const { lines, replayer: one } = replayer();
    await expect(one.replay({ ...request, rule })).rejects.toThrow(message);
    expect(lines).toEqual([]);
    expect(events.commandCalls(StartReplayCommand)).toEqual([]);
  });

  it.each([
    [{ from: 'yesterday' }, '--from must be a time'],
    [{ from: '2025-12-01T00:00:00Z' }, 'because the archive keeps events for 30 days'],
    [{ to: '2027-01-01T00:00:00Z' }, '--to must not be in the future'],
  ])('is refused for the span %j', async (span, message) => {
    await expect(replayer().replayer.replay({ ...request, ...span })).rejects.toThrow(message);
    expect(events.commandCalls(StartReplayCommand)).toEqual([]);
  });

  it('requires an archive in the stack', async () => {
    await expect(replayer({ outputs: {} }).replayer.replay(request)).rejects.toThrow(
      'The stack has no archive of events. Deploy it from this version.',
    );
  });

  it('has a name of at most 64 characters', async () => {
    const Name = 'r'.repeat(64);
    events.on(ListRulesCommand).resolves({ Rules: [{ ...rules[0], Name }] });
    targets[Name] = targets.count ?? [];
    states({ State: 'COMPLETED' });
    await replayer().replayer.replay({ ...request, rule: Name });
    const [call] = events.commandCalls(StartReplayCommand);
    expect(call?.args[0].input.ReplayName).toHaveLength(64);
  });

  it('reports a failure with its reason', async () => {
    states({ State: 'FAILED', StateReason: 'The rule is gone.' });
    const { lines, replayer: one } = replayer();
    expect(await one.replay(request)).toBe(false);
    expect(lines.at(-1)).toContain('FAILED (The rule is gone.), nothing replayed');
  });

  it('is cancelled after Ctrl-C if the operator confirms it', async () => {
    states({ State: 'RUNNING' }, { State: 'RUNNING' }, { State: 'CANCELLING' }, { State: 'CANCELLED' });
    const { lines, replayer: one } = replayer({ answers: ['yes', 'no', 'yes'], interrupts: [1, 2] });
    expect(await one.replay(request)).toBe(false);
    expect(lines.filter((line) => line.startsWith('Cancel the replay'))).toHaveLength(2);
    expect(events.commandCalls(CancelReplayCommand)).toHaveLength(1);
    expect(lines.at(-1)).toContain('CANCELLED');
  });

  it('shows its end if it ended before it could be cancelled', async () => {
    states({ State: 'RUNNING' }, { State: 'COMPLETED' });
    events.on(CancelReplayCommand).rejects(new IllegalStatusException({ message: 'ended', $metadata: {} }));
    expect(await replayer({ answers: ['yes', 'yes'], interrupts: [1] }).replayer.replay(request)).toBe(true);
  });
});

describe('cancelling', () => {
  it('waits until the replay is cancelled', async () => {
    states({ State: 'RUNNING' }, { State: 'CANCELLING' }, { State: 'CANCELLED' });
    const { lines, replayer: one } = replayer();
    expect(await one.cancel('again')).toBe(true);
    expect(events.commandCalls(CancelReplayCommand).map(({ args }) => args[0].input)).toEqual([
      { ReplayName: 'again' },
    ]);
    expect(lines.at(-1)).toMatch(/^again: CANCELLED/);
  });

  it('is refused for a replay that has ended, or is of another archive', async () => {
    states({ State: 'COMPLETED' });
    await expect(replayer().replayer.cancel('again')).rejects.toThrow(
      'The replay again has ended. It is COMPLETED.',
    );
    states({ State: 'RUNNING', EventSourceArn: arn('archive/other') });
    await expect(replayer().replayer.cancel('again')).rejects.toThrow(
      'The replay again is not of this stack',
    );
    expect(events.commandCalls(CancelReplayCommand)).toEqual([]);
  });
});

it('lists the replays of the archive, the newest first', async () => {
  const replay = (ReplayName: string, time: string) =>
    ({ ReplayName, State: 'COMPLETED', ReplayStartTime: new Date(time) }) as const;
  events
    .on(ListReplaysCommand, { EventSourceArn: archive.ArchiveArn })
    .callsFake(({ NextToken }) =>
      NextToken
        ? { Replays: [replay('new', '2026-01-31')] }
        : { Replays: [replay('old', '2026-01-30')], NextToken: 'more' },
    );
  const { lines, replayer: one } = replayer();
  await one.list();
  expect(lines).toEqual(['new: COMPLETED, nothing replayed', 'old: COMPLETED, nothing replayed']);
});
