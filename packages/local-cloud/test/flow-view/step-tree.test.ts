import { stepRows } from '../../flow-view/step-tree.ts';
import type { Step } from '../../src/core/steps.ts';

function step(id: number, cause: number | undefined, startedAt = id): Step {
  return {
    id,
    ...(cause !== undefined && { cause }),
    kind: 'call',
    hop: { from: 'a', to: 'b' },
    from: 'a',
    to: 'b',
    startedAt,
    outcome: 'ok',
    attempt: 1,
  };
}

const drawn = (steps: Step[]) => stepRows(steps).map(({ step: { id }, depth }) => [id, depth]);

describe('the rows of a timeline', () => {
  it('show each step under its cause, in order of start', () => {
    const steps = [step(4, 2), step(2, 1, 20), step(3, 1, 10), step(1, undefined)];
    expect(drawn(steps)).toEqual([
      [1, 0],
      [3, 1],
      [2, 1],
      [4, 2],
    ]);
  });

  it('show every step once, whatever its cause', () => {
    expect(drawn([step(1, undefined), step(2, 99)])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('are as deep as the trace', () => {
    const chain = Array.from({ length: 5_000 }, (_, id) => step(id, id === 0 ? undefined : id - 1));
    expect(drawn(chain).at(-1)).toEqual([4_999, 4_999]);
  });
});
