import * as z from 'zod/mini';
import { type Hop, hopName } from '../src/core/hop.ts';

/** An active fault, from `GET /_local/faults`. Its other fields depend on `fault`. */
export const ActiveFault = z.object({
  id: z.number(),
  fault: z.string(),
  service: z.optional(z.string()),
  operation: z.optional(z.string()),
  function: z.optional(z.string()),
  hop: z.optional(z.string()),
  times: z.optional(z.number()),
  probability: z.optional(z.number()),
  ms: z.optional(z.number()),
});
export type ActiveFault = z.infer<typeof ActiveFault>;

/**
 * Returns whether a fault is known to apply to a hop. A fault for a service or a function is known
 * to apply only to calls, e.g. `create-post → dynamodb:PutItem`, and to runs, e.g.
 * `event queue of x → x`.
 */
export function strikesAt(fault: Omit<ActiveFault, 'id'>, hop: Hop): boolean {
  if (fault.hop !== undefined) return fault.hop === hopName(hop);
  const { from, to, operation } = hop;
  if (operation === undefined)
    return fault.function === to && fault.service === undefined && fault.operation === undefined;
  if (fault.service === undefined && fault.operation === undefined) return false;
  return (
    [undefined, to].includes(fault.service) &&
    [undefined, operation].includes(fault.operation) &&
    [undefined, from].includes(fault.function)
  );
}

/** Returns a text that describes what a fault does and how often. */
export function faultText({ fault, ms, times, probability = 1 }: Omit<ActiveFault, 'id'>): string {
  return [
    ms === undefined ? fault : `${fault} ${ms} ms`,
    times === undefined ? 'always' : times === 1 ? 'once a trace' : `${times} times a trace`,
    ...(probability < 1 ? [`with probability ${probability}`] : []),
  ].join(', ');
}

/** Returns a text that describes where a fault applies. */
export function faultPlace({ hop, function: name, service, operation }: Omit<ActiveFault, 'id'>): string {
  if (hop !== undefined) return hop;
  const called = [service, operation].filter(Boolean).join(':');
  if (name === undefined) return called;
  return called ? hopName({ from: name, to: called }) : name;
}
