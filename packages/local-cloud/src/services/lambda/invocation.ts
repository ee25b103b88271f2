import { randomUUID } from 'node:crypto';
import { type Cause, rootOf } from '../../core/trace.ts';

/** The invoker of a function, and the cause of the invocation. */
export interface Invoker {
  /** The name in logs and faults, e.g. `POST /posts`. */
  name: string;
  cause: Cause;
  /**
   * The AWS service that invokes the function, e.g. `events.amazonaws.com`, and the resource it
   * acts for. The function needs a permission for both. Absent where Lambda itself reads the
   * events.
   */
  service?: { principal: string; sourceArn: string };
  /** Whether the event waits in a queue or a stream, where it takes no concurrency. */
  queued?: boolean;
}

/** A running invocation. Calls of its handler carry its ID in their trace header. */
export interface Invocation {
  /** An X-Ray segment ID, 16 hexadecimal digits. */
  id: string;
  cause: Cause;
  /** Ends the execution environment of the invocation. */
  crash(): void;
  /** Whether the environment ends after the first call of the handler. */
  crashesAtCall: boolean;
  /** Called when a fault delays a call; returns a callback to call when the call proceeds. */
  hold(call: string): () => void;
  /** Returns whether the invocation can only proceed when a clock jumps. */
  waits(): Promise<boolean>;
}

export function invocationId(): string {
  // The end of a UUID, since Node.js caches random bytes for UUIDs: ten times as fast.
  return randomUUID().slice(-17).replace('-', '');
}

/** Returns the value of X-Ray's header. It identifies the invocation. */
export function traceHeader({ id, cause }: Pick<Invocation, 'id' | 'cause'>, now: number): string {
  return `${rootOf(cause, now)};Parent=${id};Sampled=1`;
}

/** Returns the ID of the invocation in a trace header. */
export function invocationIn(header: string | undefined): string | undefined {
  return /;Parent=([0-9a-f]{16});/.exec(header ?? '')?.[1];
}
