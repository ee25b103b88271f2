import { randomUUID } from 'node:crypto';
import { type Cause, rootOf } from '../../core/trace.ts';

/** Who has a function run, and what that goes back to. */
export interface Invoker {
  /** What the terminal and the faults call it, e.g. `POST /posts`. */
  name: string;
  cause: Cause;
  /**
   * The AWS service that invokes, e.g. `events.amazonaws.com`, and the resource for which it does: a permission of the
   * function has to allow them. Absent where Lambda itself reads the events.
   */
  service?: { principal: string; sourceArn: string };
  /** Whether the event waits in a queue or a stream, where it takes up no concurrency until it is run. */
  queued?: boolean;
}

/** An invocation that runs. The calls that its handler makes are known by its id, which their trace header names. */
export interface Invocation {
  /** Sixteen hexadecimal digits, an X-Ray segment's id. */
  id: string;
  cause: Cause;
  /** Ends the environment it runs in. */
  crash(): void;
  /** Whether the environment is to end with the first call that the handler makes, once that is done. */
  crashesAtCall: boolean;
  /** Notes that a fault keeps one of its calls waiting, and gives what to call when that is over. */
  hold(call: string): () => void;
  /** Whether it can only go on when a clock jumps. */
  waits(): Promise<boolean>;
}

export function invocationId(): string {
  // The end of a UUID: Node.js keeps random bytes in stock for these, which makes them ten times as fast.
  return randomUUID().slice(-17).replace('-', '');
}

/** The value of X-Ray's header, by which the invocation is found again. */
export function traceHeader({ id, cause }: Pick<Invocation, 'id' | 'cause'>, now: number): string {
  return `${rootOf(cause, now)};Parent=${id};Sampled=1`;
}

/** The id of the invocation that has sent a trace header. */
export function invocationIn(header: string | undefined): string | undefined {
  return /;Parent=([0-9a-f]{16});/.exec(header ?? '')?.[1];
}
