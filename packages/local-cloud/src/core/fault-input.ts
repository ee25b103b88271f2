import * as z from 'zod/mini';
import { Fault, FaultPlace, type Point } from './faults.ts';
import { explainIssue } from './issue.ts';
import { impossibilityOf } from './possible-fault.ts';

/** What is wrong with a field of a fault. */
export interface FaultError {
  path: PropertyKey[];
  message: string;
}

/**
 * Returns the fault that a client describes, or everything that is wrong with it. A fault that
 * matches none of the points of the cloud is wrong.
 */
export function parseFault(
  input: unknown,
  points: readonly Point[],
): { fault: Fault } | { errors: FaultError[] } {
  const { data, error } = z.safeParse(Fault, input, { error: explainIssue });
  const errors = (error?.issues ?? []).flatMap(errorsOf);
  const place = FaultPlace.safeParse(input).data;
  const impossibility = place && impossibilityOf(place, points);
  if (impossibility && !errors.some(({ path }) => path[0] === impossibility.field))
    errors.push({ path: [impossibility.field], message: impossibility.message });
  return data && errors.length === 0 ? { fault: data } : { errors };
}

function errorsOf(issue: z.core.$ZodIssue): FaultError[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [key], message: 'there is no such field' }));
}
