import * as z from 'zod/mini';
import type { Chance } from './chance.ts';
import { Changes } from './changes.ts';
import { type Clock, sleep } from './clock.ts';
import { type Hop, hopName } from './hop.ts';
import type { Log } from './log.ts';
import { AwsError } from './service.ts';
import { type Cause, tracesOf } from './trace.ts';

/**
 * A place where a fault can be injected: a call by a function, a delivery from one service to
 * another, a run of a function, a request of a client.
 */
export interface Point {
  hop: Hop;
  /** The prefix of the service's permissions, e.g. `dynamodb`. */
  service?: string;
  operation?: string;
  /** The function that makes the call; without a service, the function that runs. */
  function?: string | undefined;
  /** Distinguishes passages of one trace at the same time, e.g. messages to several connections. */
  part?: string | undefined;
}

/** The services that have points, by the prefixes of their permissions. */
const SERVICES = [
  'apigateway',
  'comprehend',
  'dynamodb',
  'events',
  'execute-api',
  'lambda',
  'secretsmanager',
  'sns',
  'sqs',
];

/** Where a fault applies: at points that have all of the given fields. */
export const FaultPlace = z.object({
  service: z.optional(z.string()),
  operation: z.optional(z.string()),
  function: z.optional(z.string()),
  hop: z.optional(z.string()),
});
export type FaultPlace = z.infer<typeof FaultPlace>;

const where = {
  ...FaultPlace.shape,
  service: z.optional(z.enum(SERVICES)),
  /**
   * The number of passages of each trace that the fault affects, from the first on; all of them if
   * absent.
   */
  times: z.optional(z.int().check(z.positive())),
  /** The probability that the fault occurs at each of these passages, drawn from the seed. */
  probability: z._default(z.number().check(z.gte(0), z.lte(1)), 1),
};
const when = z._default(z.enum(['before', 'during', 'after']), 'before');

/**
 * A fault, and where it applies: at points that have the given `service`, `operation`, `function`
 * and name of a `hop`.
 */
export const Fault = z
  .discriminatedUnion('fault', [
    /** Fails with an error, before or after the act. */
    z.strictObject({
      ...where,
      fault: z.literal('error'),
      when: z._default(z.enum(['before', 'after']), 'before'),
      // Services send it in a header.
      code: z._default(
        z.string().check(z.regex(/^[\w.:-]+$/, 'a code has letters, digits and the characters _ . : -')),
        'InternalFailure',
      ),
      message: z._default(z.string(), 'A fault was injected.'),
      status: z._default(z.int().check(z.gte(400), z.lte(599)), 500),
    }),
    /** Fails with the error with which the service throttles. */
    z.strictObject({ ...where, fault: z.literal('throttle') }),
    z.strictObject({ ...where, fault: z.literal('delay'), ms: z.number().check(z.nonnegative()) }),
    /** Drops the connection without a response, before or after the act. */
    z.strictObject({
      ...where,
      fault: z.literal('drop'),
      when: z._default(z.enum(['before', 'after']), 'before'),
    }),
    /**
     * Ends the worker. At a call, the worker of the caller: before the call, during it, or after it
     * and before its response. At a run of a function: before the run, after its first call and
     * before the response, or after its result.
     */
    z.strictObject({ ...where, fault: z.literal('crash'), when }),
    /** Drops the connection without a response, and acts that many milliseconds later. */
    z.strictObject({ ...where, fault: z.literal('late'), ms: z.number().check(z.nonnegative()) }),
    z.strictObject({ ...where, fault: z.literal('duplicate') }),
    /** Waits until the next affected passage, of another trace, is over, for at most 10 seconds. */
    z.strictObject({ ...where, fault: z.literal('reorder') }),
  ])
  .check(
    z.refine(
      (fault) => [fault.service, fault.operation, fault.function, fault.hop].some(Boolean),
      'one of service, operation, function and hop must be given',
    ),
  );
export type Fault = z.infer<typeof Fault>;

/** A fault that is switched on, with its number. */
export type SwitchedFault = Fault & { id: number };

/** Thrown if the connection must end without a response. */
export class ConnectionDropped extends Error {}

/** An act that faults can affect. */
export interface Strikable<T> {
  act(): Promise<T>;
  /** Ends the worker that is involved; absent where there is none. */
  crash?: ((when: 'before' | 'during' | 'after') => void) | undefined;
  /** Called when a fault delays the act; returns a callback to call when the act proceeds. */
  hold?: (() => () => void) | undefined;
  /** Called with the names of the faults that are injected, if any. */
  onStrike?: (faults: string[]) => void;
}

const LONGEST_HOLD_MS = 10_000;

/** The maximum number of passage counts to keep; the oldest are dropped. */
const REMEMBERED = 100_000;

/** The errors with which services throttle. Source: their API references, "Common errors". */
const THROTTLING: Record<string, [code: string, status: number]> = {
  apigateway: ['TooManyRequestsException', 429],
  'execute-api': ['LimitExceededException', 429],
  lambda: ['TooManyRequestsException', 429],
  sns: ['ThrottledException', 429],
  sqs: ['RequestThrottled', 403],
};

/** The faults that are switched on, and what they do at the points of the cloud. */
export class Faults {
  /** Reports when a fault is switched on or off. */
  readonly changes = new Changes();
  readonly #chance: Chance;
  readonly #clock: Clock;
  readonly #log: Log;
  #faults: { id: number; fault: Fault }[] = [];
  #added = 0;
  /** The number of times that each trace has passed a point that has a fault. */
  readonly #passages = new Map<string, number>();
  /** The passage that is held at each hop, and the callback that releases it. */
  readonly #held = new Map<string, { cause: Cause | undefined; proceed: () => void }>();

  constructor(services: { chance: Chance; clock: Clock; log: Log }) {
    this.#chance = services.chance;
    this.#clock = services.clock;
    this.#log = services.log;
  }

  /** Whether any fault is switched on. */
  get active(): boolean {
    return this.#faults.length > 0;
  }

  /** The faults with the numbers that `remove` takes. */
  get list(): readonly SwitchedFault[] {
    return this.#faults.map(({ id, fault }) => ({ id, ...fault }));
  }

  add(fault: Fault): SwitchedFault {
    const id = this.#added++;
    this.#faults.push({ id, fault });
    this.changes.report();
    return { id, ...fault };
  }

  /**
   * Switches one fault off. Delayed passages continue, and so do passages that are held.
   * @returns whether it was switched on
   */
  remove(id: number): boolean {
    const others = this.#faults.filter((switched) => switched.id !== id);
    const removed = others.length < this.#faults.length;
    this.#faults = others;
    if (!removed) return false;
    this.#releaseHeld();
    this.changes.report();
    return true;
  }

  /** Switches all faults off. Delayed and held passages continue. */
  clear(): void {
    this.#faults = [];
    this.#passages.clear();
    this.#releaseHeld();
    this.changes.report();
  }

  #releaseHeld(): void {
    for (const { proceed } of this.#held.values()) proceed();
    this.#held.clear();
  }

  /**
   * Performs an act with the faults that are switched on for its point. With the same seed, they
   * affect the same acts of the same traces, whatever the order of the acts.
   * @throws {AwsError | ConnectionDropped} the injected error
   */
  async strike<T>(point: Point, cause: Cause | undefined, passage: Strikable<T>): Promise<T> {
    const striking = this.#faults.filter(
      ({ id, fault }) => matches(fault, point) && this.#strikes(id, fault, point, cause),
    );
    if (striking.length === 0) return passage.act();
    const hop = hopName(point.hop);
    const traces = cause ? ` of ${tracesOf(cause).join(', ')}` : '';
    for (const { fault } of striking) this.#log.warn('fault', `${fault.fault} at ${hop}${traces}`);
    passage.onStrike?.(striking.map(({ fault }) => fault.fault));
    const act = striking.reduce<() => Promise<T>>(
      (inner, { fault }) =>
        () =>
          this.#inject(fault, point, cause, { ...passage, act: inner }),
      passage.act,
    );
    return act();
  }

  #strikes(id: number, fault: Fault, { part = '', ...point }: Point, cause: Cause | undefined): boolean {
    const hop = hopName(point.hop);
    const traces = cause ? tracesOf(cause) : [''];
    const drawn = traces.map((trace) => {
      const key = `${id} ${hop} ${trace} ${part}`;
      const passage = this.#passages.get(key) ?? 0;
      this.#passages.delete(key);
      this.#passages.set(key, passage + 1);
      const [oldest] = this.#passages.keys();
      if (this.#passages.size > REMEMBERED && oldest !== undefined) this.#passages.delete(oldest);
      if (passage >= (fault.times ?? Number.POSITIVE_INFINITY)) return false;
      return this.#chance(`fault ${id} at ${hop}`, `${trace} ${part} ${passage}`) < fault.probability;
    });
    return drawn.includes(true);
  }

  async #inject<T>(
    fault: Fault,
    { service, ...point }: Point,
    cause: Cause | undefined,
    { act, crash, hold }: Strikable<T>,
  ): Promise<T> {
    const hop = hopName(point.hop);
    switch (fault.fault) {
      case 'error':
        if (fault.when === 'after') await act();
        throw new AwsError(fault.code, fault.message, fault.status);
      case 'throttle': {
        const [code, status] = THROTTLING[service ?? 'lambda'] ?? ['ThrottlingException', 400];
        throw new AwsError(code, 'Rate exceeded', status);
      }
      case 'delay': {
        const letGo = hold?.();
        await sleep(this.#clock, fault.ms);
        letGo?.();
        return act();
      }
      case 'drop':
        if (fault.when === 'after') await act();
        throw new ConnectionDropped(`The connection was dropped at ${hop}.`);
      case 'crash':
        if (!crash) throw new ConnectionDropped(`No worker can crash at ${hop}.`);
        return crashing(fault.when, act, crash);
      case 'late':
        sleep(this.#clock, fault.ms)
          .then(act)
          .catch((error: unknown) =>
            this.#log.warn(hop, `failed after the caller stopped waiting: ${error}`),
          );
        throw new ConnectionDropped(`The answer at ${hop} was late.`);
      case 'duplicate':
        await act();
        return act();
      case 'reorder':
        return this.#reorder(hop, cause, { act, hold });
    }
  }

  /** Holds the first passage until the second, of another trace, is over. */
  async #reorder<T>(hop: string, cause: Cause | undefined, { act, hold }: Strikable<T>): Promise<T> {
    const first = this.#held.get(hop);
    if (first && cause && first.cause?.trace === cause.trace) return act();
    if (!first) {
      const letGo = hold?.();
      await new Promise<void>((proceed) => {
        const held = { cause, proceed };
        this.#held.set(hop, held);
        this.#clock.schedule(() => {
          if (this.#held.get(hop) === held) this.#held.delete(hop);
          proceed();
        }, LONGEST_HOLD_MS);
      });
      letGo?.();
      return act();
    }
    this.#held.delete(hop);
    try {
      return await act();
    } finally {
      first.proceed();
    }
  }
}

async function crashing<T>(
  when: 'before' | 'during' | 'after',
  act: () => Promise<T>,
  crash: (when: 'before' | 'during' | 'after') => void,
): Promise<T> {
  if (when === 'after') await act();
  crash(when);
  if (when === 'during') await act();
  throw new ConnectionDropped('The worker was crashed.');
}

/** Returns whether a fault applies at a point. */
export function matches(fault: FaultPlace, point: Point): boolean {
  // The name of a function alone stands for its runs, not for its calls.
  if (fault.function && !fault.service && !fault.operation && !fault.hop && point.service) return false;
  const { service, operation, function: name, hop } = fault;
  return (
    [undefined, point.service].includes(service) &&
    [undefined, point.operation].includes(operation) &&
    [undefined, point.function].includes(name) &&
    [undefined, hopName(point.hop)].includes(hop)
  );
}
