import { rowState } from '../../flow-view/row-state.ts';
import { timelineRows } from '../../flow-view/timeline-rows.ts';
import type { Step } from '../../src/core/steps.ts';

function step(id: number, cause: number | undefined, more: Partial<Step> = {}): Step {
  return {
    id,
    ...(cause !== undefined && { cause }),
    kind: 'call',
    hop: { from: 'a', to: `b${id}` },
    from: 'a',
    to: 'b',
    startedAt: id,
    endedAt: id,
    outcome: 'ok',
    attempt: 1,
    ...more,
  };
}

const drawn = (steps: Step[], ...expanded: string[]) =>
  timelineRows(steps, new Set(expanded)).map(({ key, depth }) => [key, depth]);

describe('the rows of a timeline', () => {
  it('show each step under its cause, in order of start', () => {
    const steps = [
      step(4, 2),
      step(2, 1, { startedAt: 20 }),
      step(3, 1, { startedAt: 10 }),
      step(1, undefined),
    ];
    expect(drawn(steps)).toEqual([
      ['step 1', 0],
      ['step 3', 1],
      ['step 2', 1],
      ['step 4', 2],
    ]);
  });

  it('show every step once, whatever its cause', () => {
    expect(drawn([step(1, undefined), step(2, 99)])).toEqual([
      ['step 1', 0],
      ['step 2', 0],
    ]);
  });

  it('are as deep as the trace', () => {
    const chain = Array.from({ length: 5_000 }, (_, id) => step(id, id === 0 ? undefined : id - 1));
    expect(drawn(chain).at(-1)).toEqual(['step 4999', 4_999]);
  });

  it('fold the retries under the first attempt, with what the attempts caused', () => {
    const hop = { from: 'rule', to: 'function' };
    const steps = [
      step(1, undefined),
      step(2, 1, { hop, outcome: 'failed', endedAt: 3 }),
      step(5, 1, { hop, attempt: 2, endedAt: 9 }),
      step(6, 5),
    ];
    expect(drawn(steps)).toEqual([
      ['step 1', 0],
      ['retries 2', 1],
      ['step 6', 2],
    ]);
    expect(drawn(steps, 'retries 2')).toEqual([
      ['step 1', 0],
      ['retries 2', 1],
      ['step 2', 2],
      ['step 5', 2],
      ['step 6', 3],
    ]);
    const [, retries] = timelineRows(steps, new Set());
    expect(retries && rowState(retries)).toMatchObject({
      outcome: 'ok',
      counts: '2 tries, 1 failed',
      took: '7 ms',
    });
  });

  it('do not take the second of two equal things for a retry', () => {
    const hop = { from: 'a', to: 'b' };
    expect(drawn([step(1, undefined), step(2, 1, { hop }), step(3, 1, { hop })])).toHaveLength(3);
  });

  it('group equal steps with their spread, and what these caused', () => {
    const send = { hop: { from: 'push', to: 'execute-api', operation: 'PostToConnection' } };
    const message = { kind: 'message', hop: { from: 'WebSocket', to: 'client' } } as const;
    const sends = Array.from({ length: 80 }, (_, index) => [
      step(10 + index, 1, { ...send, startedAt: 10, endedAt: 12 + index }),
      step(100 + index, 10 + index, message),
    ]).flat();
    const failed = step(95, 1, { ...send, startedAt: 10, endedAt: 11, outcome: 'failed' });
    const steps = [step(1, undefined), ...sends, failed];
    expect(drawn(steps)).toEqual([
      ['step 1', 0],
      ['group 10', 1],
      ['group 100', 2],
    ]);
    const [, group] = timelineRows(steps, new Set());
    expect(group && rowState(group)).toMatchObject({
      outcome: 'failed',
      counts: '81 times, 1 failed',
      took: '1 ms – 81 ms',
      startedAt: 10,
      endedAt: 91,
    });
    const expanded = drawn(steps, 'group 10');
    expect(expanded.slice(0, 4)).toEqual([
      ['step 1', 0],
      ['group 10', 1],
      ['step 10', 2],
      ['step 100', 3],
    ]);
    expect(expanded).toHaveLength(2 + 81 + 80);
  });

  it('say that a step of theirs runs', () => {
    const hop = { from: 'a', to: 'b' };
    const { endedAt: _, ...running } = step(3, 1, { hop, attempt: 2, outcome: 'running' });
    const [, retries] = timelineRows(
      [step(1, undefined), step(2, 1, { hop, outcome: 'failed' }), running],
      new Set(),
    );
    expect(retries && rowState(retries)).toMatchObject({ outcome: 'running', took: 'running' });
  });
});
