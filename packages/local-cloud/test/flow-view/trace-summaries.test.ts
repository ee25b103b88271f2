import { traceState, withText } from '../../flow-view/trace-summaries.ts';
import type { TraceSummary } from '../../src/core/steps.ts';

function summary(startedAt: number, more: Partial<TraceSummary> = {}): TraceSummary {
  return {
    trace: `trace ${startedAt}`,
    title: `POST /posts: Title ${startedAt}`,
    startedAt,
    steps: 1,
    running: 0,
    failed: 0,
    deadLetters: 0,
    unwanted: 0,
    ...more,
  };
}

const times = (traces: readonly TraceSummary[]) => traces.map(({ startedAt }) => startedAt);

describe('the list of traces', () => {
  it('shows the outcome of a trace', () => {
    expect(traceState(summary(1))).toBe('done');
    expect(traceState(summary(1, { unwanted: 1 }))).toBe('unwanted');
    expect(traceState(summary(1, { failed: 2, unwanted: 1 }))).toBe('failed');
    expect(traceState(summary(1, { failed: 2, deadLetters: 1 }))).toBe('dead letters');
    expect(traceState(summary(1, { running: 1, deadLetters: 1 }))).toBe('running');
  });

  it('can be searched by words, in any case and order', () => {
    const list = [summary(1, { title: 'POST /posts: Spain' }), summary(2, { createdId: 'abc', failed: 1 })];
    expect(times(withText(list, ' spain post '))).toEqual([1]);
    expect(times(withText(list, 'ABC failed'))).toEqual([2]);
    expect(withText(list, '')).toBe(list);
    expect(withText(list, 'nowhere')).toEqual([]);
  });
});
