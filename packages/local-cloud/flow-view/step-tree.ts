import type { Step } from '../src/core/steps.ts';
import { groupBy } from './group-by.ts';

/** A step, and the number of steps in the chain that led to it. */
export interface StepRow {
  step: Step;
  depth: number;
}

/**
 * Returns the steps in the order of the timeline: each after its cause, and steps with the same
 * cause in the order in which they began. A step whose cause is missing comes last, at depth 0.
 */
export function stepRows(steps: readonly Step[]): StepRow[] {
  const ids = new Set(steps.map(({ id }) => id));
  const byCause = groupBy(
    steps.toSorted((a, b) => a.startedAt - b.startedAt || a.id - b.id),
    ({ cause }) => (cause !== undefined && ids.has(cause) ? cause : undefined),
  );
  const rows: StepRow[] = [];
  const shown = new Set<number>();
  const add = (step: Step, depth: number): void => {
    if (shown.has(step.id)) return;
    shown.add(step.id);
    rows.push({ step, depth });
    for (const next of byCause.get(step.id) ?? []) add(next, depth + 1);
  };
  for (const step of byCause.get(undefined) ?? []) add(step, 0);
  return rows;
}
