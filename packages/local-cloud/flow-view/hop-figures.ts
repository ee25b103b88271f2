import { hopName } from '../src/core/hop.ts';
import type { ArchitectureEdge, Step } from '../src/core/steps.ts';
import { counted } from './counted.ts';
import { groupBy } from './group-by.ts';

/** The figures of a trace for one or several hops. */
export interface HopFigures {
  passed: number;
  running: number;
  failed: number;
  /** The number of events that a rule did not match, which did not pass. */
  unmatched: number;
  /** In milliseconds, of the completed passes; absent if there are none. */
  shortest?: number;
  longest?: number;
}

/** The steps of a trace by their hops, for `stepsOn`. */
export type StepsByHop = ReadonlyMap<string, readonly Step[]>;

type Passed = Pick<ArchitectureEdge, 'hop' | 'from' | 'to'>;

const keyOf = ({ hop, from, to }: Passed): string => JSON.stringify([hopName(hop), from, to]);

export function stepsByHop(steps: readonly Step[]): StepsByHop {
  return groupBy(steps, keyOf);
}

/** Returns the steps that pass these hops, in the order in which they began. */
export function stepsOn(hops: readonly Passed[], steps: StepsByHop): Step[] {
  return hops.flatMap((hop) => steps.get(keyOf(hop)) ?? []).sort((a, b) => a.id - b.id);
}

export function hopFigures(steps: readonly Step[]): HopFigures {
  const passing = steps.filter(({ kind }) => kind !== 'unmatched');
  const durations = passing.flatMap(({ startedAt, endedAt }) =>
    endedAt === undefined ? [] : [endedAt - startedAt],
  );
  return {
    passed: passing.length,
    running: passing.filter(({ outcome }) => outcome === 'running').length,
    failed: passing.filter(({ outcome }) => outcome === 'failed').length,
    unmatched: steps.length - passing.length,
    ...(durations.length > 0 && { shortest: Math.min(...durations), longest: Math.max(...durations) }),
  };
}

/**
 * Returns the figures in words, e.g. `passed 3 times`, `30 tries, 30 failed` or
 * `1 event did not match`. Empty if there are none.
 */
export function figuresText(figures: HopFigures): string {
  const { passed, running, failed, unmatched } = figures;
  return [
    passed > 0 && (failed > 0 ? triesLines(figures).join(', ') : `passed ${counted(passed, 'time')}`),
    running > 0 && `${running} running`,
    unmatched > 0 && `${counted(unmatched, 'event')} did not match`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Returns the lines of a mark in the picture: the count of passes, or of tries and failures. */
export function triesLines({ passed, failed }: HopFigures): string[] {
  return failed > 0 ? [counted(passed, 'try', 'tries'), `${failed} failed`] : [String(passed)];
}
