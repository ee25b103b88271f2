import { EventBridge, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { SQS } from '@aws-sdk/client-sqs';
import type { Recorder } from '../answers.ts';
import { busName } from '../stack.ts';
import type { System } from '../system.ts';

const entry = { EventBusName: busName, Source: 'blog', DetailType: 'BlogPostCreated', Detail: '{}' };

/** Makes calls that a bus accepts, and calls that it refuses. */
export async function callEventBridge(system: System, record: Recorder): Promise<void> {
  const events = new EventBridge(system.settings);
  const put = (name: string, ...Entries: PutEventsRequestEntry[]) =>
    record.call(`PutEvents: ${name}`, events.putEvents({ Entries }));
  await put('one', entry);
  await put('to the default bus', { ...entry, EventBusName: undefined });
  await put('bus by its ARN', {
    ...entry,
    EventBusName: `arn:aws:events:us-east-1:000000000000:event-bus/${busName}`,
  });
  await put('with everything', {
    ...entry,
    Time: new Date(0),
    Resources: ['arn:aws:s3:::x'],
    TraceHeader: 'Root=1',
  });
  await put('ten', ...Array.from({ length: 10 }, () => entry));
  await put('eleven', ...Array.from({ length: 11 }, () => entry));
  await put('none');
  await put(
    'good and bad',
    entry,
    { ...entry, Source: undefined },
    { ...entry, DetailType: undefined },
    { ...entry, Detail: undefined },
    { ...entry, Detail: 'not JSON' },
    { ...entry, Detail: '' },
    entry,
  );
  await put('detail is not an object', { ...entry, Detail: '[1]' });
  await put('no such bus', { ...entry, EventBusName: 'nothing' });
  await put('over 1 MB', { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(1_100_000) }) });
  await matchPatterns(system, record);
}

const detail = {
  topic: 'summer',
  title: 'Über Größe.png',
  likes: 3.5,
  tags: ['a', 'b'],
  none: null,
  deep: { id: 'x1' },
};

/** The patterns, each tested with one event that has `detail`. */
const patterns: Record<string, object> = {
  'source and detail type': { source: ['blog'], 'detail-type': ['BlogPostCreated'] },
  'other source': { source: ['blog2'] },
  'one of several': { detail: { topic: ['winter', 'summer'] } },
  'other case': { detail: { topic: ['Summer'] } },
  nested: { detail: { deep: { id: ['x1'] } } },
  'nothing there': { detail: { missing: ['x'] } },
  'element of an array': { detail: { tags: ['b', 'c'] } },
  number: { detail: { likes: [3.5] } },
  'number as a string': { detail: { likes: ['3.5'] } },
  null: { detail: { none: [null] } },
  prefix: { detail: { topic: [{ prefix: 'sum' }] } },
  'prefix, other case': { detail: { topic: [{ prefix: 'Sum' }] } },
  suffix: { detail: { title: [{ suffix: '.png' }] } },
  exists: { detail: { topic: [{ exists: true }] } },
  'exists not': { detail: { missing: [{ exists: false }] } },
  'exists, of an object': { detail: { deep: [{ exists: true }] } },
  'anything but': { detail: { topic: [{ 'anything-but': 'winter' }] } },
  'anything but itself': { detail: { topic: [{ 'anything-but': ['winter', 'summer'] }] } },
  'anything but a prefix': { detail: { topic: [{ 'anything-but': { prefix: 'sum' } }] } },
  'anything but, of nothing': { detail: { missing: [{ 'anything-but': 'x' }] } },
  numeric: { detail: { likes: [{ numeric: ['>', 3, '<=', 3.5] }] } },
  'numeric, outside': { detail: { likes: [{ numeric: ['<', 3.5] }] } },
  'numeric, of a string': { detail: { topic: [{ numeric: ['>', 0] }] } },
  'ignoring case': { detail: { topic: [{ 'equals-ignore-case': 'SUMMER' }] } },
  wildcard: { detail: { title: [{ wildcard: '*.png' }] } },
  or: { $or: [{ source: ['x'] }, { detail: { topic: ['summer'] } }] },
  'or of neither': { $or: [{ source: ['x'] }, { detail: { topic: ['x'] } }] },
  'empty pattern': {},
  'value is not an array': { source: 'blog' },
  'empty array': { source: [] },
  'unknown operator': { source: [{ unknown: 'x' }] },
};

/**
 * Records which patterns match an event. The local cloud has `TestEventPattern`. moto does not, so
 * there a rule with the pattern delivers to a queue.
 */
async function matchPatterns({ settings, local }: System, record: Recorder): Promise<void> {
  const events = new EventBridge(settings);
  const sqs = new SQS(settings);
  const Detail = JSON.stringify(detail);

  async function test(EventPattern: string): Promise<boolean | undefined> {
    const envelope = {
      id: '1',
      account: '000000000000',
      time: '2026-01-31T09:30:00Z',
      region: 'us-east-1',
      resources: [],
    };
    const Event = JSON.stringify({ ...envelope, source: 'blog', 'detail-type': 'BlogPostCreated', detail });
    return (await events.testEventPattern({ EventPattern, Event })).Result;
  }

  async function route(EventPattern: string): Promise<boolean> {
    const rule = { Name: 'rule', EventBusName: busName };
    const target = { Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:work' };
    await events.putRule({ ...rule, EventPattern });
    await events.putTargets({ Rule: rule.Name, EventBusName: busName, Targets: [target] });
    await events.putEvents({ Entries: [{ ...entry, Detail }] });
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'work' });
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl });
    await sqs.purgeQueue({ QueueUrl });
    await events.removeTargets({ Rule: rule.Name, EventBusName: busName, Ids: [target.Id] });
    await events.deleteRule(rule);
    return Messages.length > 0;
  }

  for (const [name, pattern] of Object.entries(patterns)) {
    const matched = (local ? test : route)(JSON.stringify(pattern));
    await record.call(
      `pattern: ${name}`,
      matched.then((matches) => ({ matches })),
    );
  }
  const text = (local ? test : route)('{');
  await record.call(
    'pattern: not JSON',
    text.then((matches) => ({ matches })),
  );
}
