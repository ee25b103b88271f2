import { Fault } from 'local-cloud/faults';
import type { Hop } from './hops.ts';

/** A hop that posts pass. */
export interface PassedHop extends Hop {
  /**
   * The number of times that the posts of a cell pass it without faults. Each connection that
   * receives a post counts.
   */
  passages: number;
}

export const kinds = [
  'one error',
  'time-out',
  'crash before',
  'crash in the middle',
  'crash after',
  'twice',
  'out of order',
  // Last, because after many unsuccessful retries the SDK in a worker makes hardly any for a while.
  'throttling',
  'errors for 10 min',
] as const;
export type Kind = (typeof kinds)[number];

export const postsOfCell = 8;

/** A hop and a kind of fault. */
export interface Cell {
  hop: PassedHop;
  kind: Kind;
}

/** Returns a cell for each kind of fault that can occur at a hop. */
export function cellsOf(hop: PassedHop): Cell[] {
  return kinds.filter((kind) => !(hop.inOrder && kind === 'out of order')).map((kind) => ({ hop, kind }));
}

/**
 * Returns whether the author receives no 201 if a call fails permanently, because no other function
 * makes the same call later.
 */
export function isRequired({ ofRequest, struck }: Hop): boolean {
  return ofRequest && struck.length === 1;
}

/** Returns whether authors may notice the fault: the request is cut off, or cannot be saved. */
export function mayRefuse({ hop, kind }: Cell): boolean {
  if (kind.startsWith('crash')) return hop.ofRequest;
  return isRequired(hop) && (kind === 'throttling' || kind === 'errors for 10 min');
}

/** The number of times that Lambda runs a function on an event. */
const runs = 3;

/** The SDK in a worker has 500 tokens for retries, and each unsuccessful retry takes 5. */
const tokens = 500;
const tokensOfRetry = 5;

/**
 * Returns whether an operator may have something to redrive: a function has failed for longer than
 * its retries take. When the throttled calls of all posts, to each of their connections, take most
 * of the SDK's tokens for its two retries of a call, it soon makes none, and Lambda retries twice.
 * When an event passes the hop once for each connection, a crash can affect another connection
 * in each of Lambda's runs.
 */
export function mayNeedOperator({ hop, kind }: Cell): boolean {
  if (!hop.asynchronous) return false;
  if (kind.startsWith('crash')) return hop.passages >= runs * postsOfCell;
  return (
    kind === 'errors for 10 min' || (kind === 'throttling' && hop.passages * 2 * tokensOfRetry > tokens / 2)
  );
}

/**
 * Returns whether a new post may be sent after its update: a retried send is. Clients ignore it by its
 * revision.
 */
export function mayOvertake({ hop }: Cell): boolean {
  return hop.name === 'push-post-update → execute-api:PostToConnection';
}

/**
 * Returns whether an operator must be alerted although there is nothing to redrive, because the
 * relay fails, which repeats the call of `create-post`.
 */
export function mustTell({ hop, kind }: Cell): boolean {
  return kind === 'errors for 10 min' && hop.struck.length > 1;
}

/** The number of passages that a crash affects. Each one takes a new worker. */
const crashes = 4;

/** Returns the faults of a cell. */
export function faultsOf({ hop, kind }: Cell): Fault[] {
  return hop.struck.map((name) => Fault.parse({ hop: name, ...fieldsOf(hop, kind) }));
}

function fieldsOf({ worker, patience, passages }: PassedHop, kind: Kind): Record<string, string | number> {
  // The number of passages varies a little. A power of two does not, so the same seed affects the
  // same posts.
  const probability = Math.min(1, 2 ** Math.round(Math.log2(crashes / passages)));
  const crash = (fields: Record<string, string>) => ({ ...fields, times: 1, probability });
  switch (kind) {
    case 'one error':
      return { fault: 'error', times: 1 };
    case 'errors for 10 min':
      return { fault: 'error' };
    case 'throttling':
      return { fault: 'throttle', times: 3 };
    case 'time-out':
      // It completes after the caller has stopped waiting.
      return patience === undefined
        ? { fault: 'late', ms: 30_000, times: 1 }
        : { fault: 'delay', ms: 1.5 * patience, times: 1 };
    case 'crash before':
      return crash(worker ? { fault: 'crash', when: 'before' } : { fault: 'drop', when: 'before' });
    case 'crash in the middle':
      // A service that dies in the middle has done the work, and answers with an error.
      return crash(worker ? { fault: 'crash', when: 'during' } : { fault: 'error', when: 'after' });
    case 'crash after':
      return crash(worker ? { fault: 'crash', when: 'after' } : { fault: 'drop', when: 'after' });
    case 'twice':
      return { fault: 'duplicate' };
    case 'out of order':
      return { fault: 'reorder' };
  }
}
