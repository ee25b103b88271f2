import type { Faults, Point, Strikable } from './faults.ts';
import type { Outcome, Passing, Recorder } from './recorder.ts';
import type { Cause } from './trace.ts';

/** The services that a passage goes through. */
export interface PassageServices {
  faults: Faults;
  recorder: Recorder;
}

/** Something that passes a point of the cloud. */
export interface Passage<T> extends Pick<Strikable<T>, 'crash' | 'hold'> {
  step: Omit<Passing, 'hop'> & {
    /** The cause to record, where it is not the one that faults depend on. */
    cause?: Cause;
    /** Returns what to record of the result. */
    outcome?: (result: T) => Outcome;
  };
  /** @param own the cause of everything that follows; undefined only if the passage has no cause */
  act(own: Cause | undefined): Promise<T>;
}

/**
 * Passes a point: records the passage as a step, and injects the faults that are switched on for
 * the point.
 * @throws {AwsError | ConnectionDropped} the injected error, or whatever the act throws
 */
export async function pass<T>(
  { faults, recorder }: PassageServices,
  point: Point,
  cause: Cause | undefined,
  { step, act, crash, hold }: Passage<T>,
): Promise<T> {
  const { outcome, cause: recorded = cause, ...passing } = step;
  const struck = (own: Cause | undefined): Promise<T> => {
    if (!faults.active) return act(own);
    return faults.strike(point, cause, {
      act: () => act(own),
      crash,
      hold,
      onStrike: (names) => {
        if (own) recorder.struck(own, names);
      },
    });
  };
  if (!recorded) return struck(undefined);
  return recorder.record({ ...passing, hop: point.hop }, recorded, struck, outcome);
}
