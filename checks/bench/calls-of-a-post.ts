import { Trace, TracePage } from 'local-cloud/steps';
import * as z from 'zod/mini';

/** A call of a function that follows from a post. */
export interface Call {
  /** The prefix of the service's permissions, e.g. `events`. */
  service: string;
  /** The name of the operation, e.g. `PutEvents`. */
  operation: string;
  /** The body of the call as JSON. */
  payload: unknown;
}

/**
 * Returns the calls that follow from one post, by the function that makes them, as the local cloud
 * has recorded them.
 * @param url of the local cloud
 * @throws {Error} if no post is recorded whose push has arrived
 */
export async function callsOfAPost(url: string): Promise<ReadonlyMap<string, Call[]>> {
  const traces = `${url}/_local/flow/traces`;
  const page = await read(`${traces}?kind=example`, TracePage);
  for (const { trace, running } of page.traces) {
    if (running > 0) continue;
    const { steps } = await read(`${traces}/${trace}`, Trace);
    if (steps.some(({ kind }) => kind === 'message')) return callsIn(steps);
  }
  throw new Error(`${traces} has no complete trace of a post.`);
}

/** Returns the calls among the steps of a trace, by function. */
export function callsIn(steps: Trace['steps']): ReadonlyMap<string, Call[]> {
  const calls = new Map<string, Call[]>();
  for (const { kind, hop, payload } of steps) {
    if (kind !== 'call' || hop.operation === undefined) continue;
    const call = { service: hop.to, operation: hop.operation, payload };
    calls.set(hop.from, [...(calls.get(hop.from) ?? []), call]);
  }
  return calls;
}

async function read<Value>(url: string, schema: z.ZodMiniType<Value>): Promise<Value> {
  return z.parse(schema, await (await fetch(url)).json());
}
