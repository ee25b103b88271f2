import { figuresText, hopFigures, stepsByHop, stepsOn } from '../../flow-view/hop-figures.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { Step } from '../../src/core/steps.ts';

const hop = { hop: parseHop('Rule → push'), from: 'Rule', to: 'push' };
const base: Step = { ...hop, id: 1, kind: 'delivery', startedAt: 0, outcome: 'ok', attempt: 1 };

describe('the figures of a hop', () => {
  const steps: Step[] = [
    { ...base, id: 3, startedAt: 20, outcome: 'running', attempt: 2 },
    { ...base, id: 2, startedAt: 0, endedAt: 12, outcome: 'failed' },
    { ...base, id: 4, to: 'elsewhere' },
    { ...base, id: 5, kind: 'unmatched', endedAt: 0 },
  ];

  it('cover the steps between its nodes in their order', () => {
    expect(stepsOn([hop], stepsByHop(steps)).map(({ id }) => id)).toEqual([2, 3, 5]);
    expect(stepsOn([{ ...hop, from: 'nowhere' }], stepsByHop(steps))).toEqual([]);
  });

  it('count steps that passed, failed and are running, but not those that did not match', () => {
    expect(hopFigures(stepsOn([hop], stepsByHop(steps)))).toEqual({
      passed: 2,
      running: 1,
      failed: 1,
      unmatched: 1,
      shortest: 12,
      longest: 12,
    });
    expect(hopFigures([])).toEqual({ passed: 0, running: 0, failed: 0, unmatched: 0 });
  });

  it.each([
    [{ passed: 0, failed: 0 }, ''],
    [{ passed: 1, failed: 0 }, 'passed 1 time'],
    [{ passed: 3, failed: 0, running: 1 }, 'passed 3 times, 1 running'],
    [{ passed: 1, failed: 1 }, '1 try, 1 failed'],
    [{ passed: 30, failed: 30 }, '30 tries, 30 failed'],
    [{ passed: 0, failed: 0, unmatched: 1 }, '1 event did not match'],
  ])('are written as words: %j', (figures, text) => {
    expect(figuresText({ running: 0, unmatched: 0, ...figures })).toBe(text);
  });
});
