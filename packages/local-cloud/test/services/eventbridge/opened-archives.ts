import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { Faults } from '../../../src/core/faults.ts';
import type { Journal } from '../../../src/core/journal.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { EventBridge } from '../../../src/services/eventbridge/eventbridge.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

export const arn = (resource: string) => `arn:aws:events:eu-west-1:123456789012:${resource}`;

/** Returns a rule on the bus `blog` with a topic of the same name as its target. */
export function rule(name: string, properties: object = {}) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: name,
      EventBusName: 'blog',
      EventPattern: { source: ['blog'] },
      Targets: [{ Id: 'Target', Arn: `arn:aws:sns:eu-west-1:123456789012:${name}` }],
      ...properties,
    },
  };
}

/** Returns an archive of the bus `blog`. */
export function archive(properties: object = {}) {
  const bus = arn('event-bus/blog');
  return {
    Type: 'AWS::Events::Archive',
    Properties: { ArchiveName: 'past', SourceArn: bus, RetentionDays: 30, ...properties },
  };
}

/**
 * Opens a service with the bus `blog` and these resources. Its targets record the name of the rule
 * and the event.
 */
export function openWithArchives(
  parent: string,
  resources: Record<string, object>,
  { journal, archiveJournal, clock = new ManualClock() }: Parts,
) {
  const bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'blog' } };
  const template = { Resources: { Bus: bus, ...resources } };
  const received: { rule: string; event: Record<string, unknown> }[] = [];
  const chance = seededChance('test');
  const log = new RecordedLog();
  const faults = new Faults({ clock, chance, log });
  const recorder = new Recorder(clock);
  const eventBridge = new EventBridge(new Template(writeAssembly(parent, template), account, resourceTypes), {
    account,
    archiveJournal,
    authorizeService: () => {},
    chance,
    clock,
    faults,
    localize: (value) => value,
    invoke: async (_, payload, { name }) => {
      received.push({ rule: name, event: JSON.parse(payload) });
    },
    journal,
    labelOf: (target) => target.replace(/^.*[:/]/, ''),
    log,
    recorder,
    sendDeadLetter: async () => {},
    tracer: new Tracer('test'),
  });
  const call = (operation: string, input: object = {}) => eventBridge.call(operation, input);
  return {
    call,
    clock,
    eventBridge,
    faults,
    log,
    received,
    recorder,
    put: (n: number, entry: object = {}) =>
      call('PutEvents', {
        Entries: [
          { EventBusName: 'blog', Source: 'blog', DetailType: 'Created', Detail: `{"n":${n}}`, ...entry },
        ],
      }),
    /** Replays to the rule `one`, from the beginning of 2026 until now. */
    replay: (ReplayName: string, input: object = {}) =>
      call('StartReplay', {
        ReplayName,
        EventSourceArn: arn('archive/past'),
        EventStartTime: Date.parse('2026-01-01') / 1000,
        EventEndTime: clock.now() / 1000 + 1,
        Destination: { Arn: arn('event-bus/blog'), FilterArns: [arn('rule/blog/one')] },
        ...input,
      }),
  };
}

interface Parts {
  journal: Journal;
  archiveJournal: Journal;
  clock?: ManualClock;
}
