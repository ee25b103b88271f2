import type { SendTarget, Step } from '../../../local/flow/model.ts';
import { payloadToSend, targetOf } from '../../../local/flow/view/send-target.ts';

const targets: SendTarget[] = [
  { id: 'Other/0', label: 'Other → push', rule: 'Other', node: 'push', queues: [] },
  { id: 'Rule/0', label: 'Rule → push', rule: 'Rule', node: 'push', queues: ['PushUndelivered'] },
  { id: 'push', label: 'push', node: 'push', queues: ['PushFailures'] },
];

function target(step: Partial<Step>): string | undefined {
  const base: Step = {
    id: 1,
    kind: 'delivery',
    hop: '',
    from: 'RuleNode',
    to: 'push',
    startedAt: 0,
    outcome: 'ok',
    attempt: 1,
  };
  return targetOf({ ...base, ...step }, targets)?.id;
}

describe('what a step is sent to again', () => {
  it('is the target that it was for', () => {
    expect(target({ hop: 'Rule → push' })).toBe('Rule/0');
    expect(target({ kind: 'run', hop: 'event queue of push → push', from: 'push' })).toBe('push');
    expect(target({ kind: 'event', hop: 'Bus → Rule', from: 'Bus', to: 'RuleNode' })).toBe('Rule/0');
  });

  it('is, of a dead letter, the target that the queue belongs to', () => {
    const letter = { kind: 'dead-letter', from: 'push', to: 'queue' } as const;
    expect(target({ ...letter, hop: 'dead letter → PushUndelivered' })).toBe('Rule/0');
    expect(target({ ...letter, hop: 'dead letter → PushFailures' })).toBe('push');
    expect(target({ ...letter, hop: 'dead letter → Unknown' })).toBeUndefined();
  });

  it('is what a function was invoked with, of the report of its failure', () => {
    expect(payloadToSend({ requestPayload: { a: 1 }, responsePayload: {} })).toEqual({ a: 1 });
    expect(payloadToSend({ detail: {} })).toEqual({ detail: {} });
    expect(payloadToSend('text')).toBe('text');
  });
});
