import { traceState } from '../../flow-view/trace-summaries.ts';
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

describe('the list of traces', () => {
  it('shows the outcome of a trace', () => {
    expect(traceState(summary(1))).toBe('done');
    expect(traceState(summary(1, { unwanted: 1 }))).toBe('unwanted');
    expect(traceState(summary(1, { failed: 2, unwanted: 1 }))).toBe('failed');
    expect(traceState(summary(1, { failed: 2, deadLetters: 1 }))).toBe('dead letters');
    expect(traceState(summary(1, { running: 1, deadLetters: 1 }))).toBe('running');
  });
});
