import { isSendable, payloadToSend, targetOf } from '../../flow-view/send-target.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { SendTarget, Step } from '../../src/core/steps.ts';

const targets: SendTarget[] = [
  { id: 'Other/0', label: 'Other → push', rule: 'Other', node: 'push', queues: [] },
  { id: 'Rule/0', label: 'Rule → push', rule: 'Rule', node: 'push', queues: ['PushUndelivered'] },
  { id: 'push', label: 'push', node: 'push', queues: ['PushFailures'] },
];

const base: Step = {
  id: 1,
  kind: 'run',
  hop: parseHop('event queue of push → push'),
  from: 'RuleNode',
  to: 'push',
  startedAt: 0,
  outcome: 'ok',
  attempt: 1,
};

function target(step: Partial<Step>): string | undefined {
  return targetOf({ ...base, ...step }, targets)?.id;
}

it.each<[string, Partial<Step>, boolean]>([
  ['an event', { kind: 'event' }, true],
  ['a delivery of a rule, which may not be an event', { kind: 'delivery' }, false],
  ['a truncated payload', { kind: 'event', truncated: true }, false],
  ['a payload that is no longer kept', { kind: 'event', payload: undefined }, false],
])('decides whether %s can be sent again', (_, step, expected) => {
  expect(isSendable({ ...base, payload: {}, ...step })).toBe(expected);
});

describe('sending a step again', () => {
  it('uses the original target', () => {
    expect(target({ hop: parseHop('event queue of push → push'), from: 'push' })).toBe('push');
    expect(target({ hop: parseHop('stream of Posts → push'), from: 'Posts.stream' })).toBe('push');
    expect(target({ kind: 'event', hop: parseHop('Bus → Rule'), from: 'Bus', to: 'RuleNode' })).toBe(
      'Rule/0',
    );
  });

  it('uses for a dead letter the target of the queue', () => {
    const letter = { kind: 'dead-letter', from: 'push', to: 'queue' } as const;
    expect(target({ ...letter, hop: parseHop('dead letter → PushUndelivered') })).toBe('Rule/0');
    expect(target({ ...letter, hop: parseHop('dead letter → PushFailures') })).toBe('push');
    expect(target({ ...letter, hop: parseHop('dead letter → Unknown') })).toBeUndefined();
  });

  it('uses the payload of the invocation for a failure report', () => {
    expect(payloadToSend({ requestPayload: { a: 1 }, responsePayload: {} })).toEqual({ a: 1 });
    expect(payloadToSend({ detail: {} })).toEqual({ detail: {} });
    expect(payloadToSend('text')).toBe('text');
  });
});
