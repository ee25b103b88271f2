import type { Clock } from './clock.ts';
import type { Kept } from './content-ring.ts';
import { type Hop, hopName } from './hop.ts';
import { AwsError } from './service.ts';
import type { StepKind } from './steps.ts';
import { type Cause, causeOf } from './trace.ts';
import { type RecordedStep, type RecordedTrace, type StepOfTrace, TraceStore } from './trace-store.ts';
import { type Passes, Traffic } from './traffic.ts';

/** A step that begins. */
export interface Passing {
  kind: StepKind;
  hop: Hop;
  /**
   * The destination: an ARN, the name of a bus or an API, or one of `client`, `comprehend` and
   * `mail`.
   */
  to: string;
  /**
   * Distinguishes steps with the same hop and the same cause that are not retries of each other.
   */
  part?: string | undefined;
  /**
   * The number of the attempt; if absent, one more than the failed steps just before with the same
   * hop and cause.
   */
  attempt?: number | undefined;
  /**
   * The payload as text. For a batch, a function that returns the payload of the item with a key
   * gives each item its own step. Otherwise each trace has one step, however many items it has in
   * the batch.
   */
  payload?: string | ((key: string) => string) | undefined;
  /**
   * Returns the reason why the parsed payload goes no further. Called only when the step is read.
   */
  why?: ((payload: unknown) => string | undefined) | undefined;
}

/** The end of a step, which has failed if there is an error. */
export interface Outcome {
  error?: string | undefined;
  /** As text. */
  result?: string | undefined;
  /** The ID of what a request created. */
  createdId?: string | undefined;
}

/** A step that has begun, and what counts the passes of its hop. */
interface BegunStep extends StepOfTrace {
  passes: Passes | undefined;
}

/** The cause of the steps that follow an omitted step. It is not the ID of any step. */
const LEFT_OUT = 0;
/**
 * Above the number of hops and resources of a template. Only the connections of clients, which have
 * names too, reach it.
 */
const MAXIMUM_NAMES = 1_000;

/**
 * Records the hops of payloads, with the step that led to each. It parses nothing, and formats only
 * the responses of APIs, so that the flow stays fast.
 */
export class Recorder {
  readonly traces = new TraceStore();
  readonly traffic: Traffic;
  /** Whether anything is recorded. */
  readonly isOn: boolean;
  readonly #clock: Clock;
  readonly #hops = new Map<string, Hop>();
  readonly #places = new Map<string, string>();
  #lastId = LEFT_OUT;

  constructor(clock: Clock, isOn = true) {
    this.traffic = new Traffic(clock);
    this.#clock = clock;
    this.isOn = isOn;
  }

  /**
   * Records a step while it is done: in the trace of its cause, or for a batch in the trace of each
   * item.
   * @param act receives the cause of everything that follows: this step
   * @param outcomeOf returns what to record of the result; nothing if absent
   */
  async record<T>(
    passing: Passing,
    cause: Cause,
    act: (own: Cause) => Promise<T>,
    outcomeOf?: (result: T) => Outcome,
  ): Promise<T> {
    if (!this.isOn) return act(cause);
    const begun: BegunStep[] = [];
    const own = this.#begin(passing, cause, begun);
    try {
      const result = await act(own);
      this.#end(begun, outcomeOf?.(result) ?? {});
      return result;
    } catch (error) {
      this.#end(begun, { error: describe(error) });
      throw error;
    }
  }

  /** Records a step that ends immediately. Returns the cause of everything that follows. */
  note(passing: Passing, cause: Cause): Cause {
    if (!this.isOn) return cause;
    const begun: BegunStep[] = [];
    const own = this.#begin(passing, cause, begun);
    this.#end(begun, {});
    return own;
  }

  /** Records the faults that are injected at the step of a cause. */
  struck(cause: Cause, faults: string[]): void {
    for (const { trace, step } of this.#found(cause)) {
      step.faults = faults;
      this.traces.changed(trace);
    }
  }

  /**
   * Adds a log line of a handler to the step of its run. For a run with a batch, adds it to the
   * steps of the items that the line names.
   */
  log(cause: Cause, line: string): void {
    if (!this.isOn) return;
    this.traces.addLine(this.traces.keep(line), this.#found(causeOf(cause, line)));
  }

  /**
   * Returns the cause of what follows a failure at a hop: the last attempt at it, or if there is
   * none the given cause.
   */
  after(cause: Cause, hop: Hop): Cause {
    if (cause.members)
      return { ...cause, members: mapped(cause.members, (member) => this.after(member, hop)) };
    const steps = this.traces.trace(cause.trace)?.steps;
    const name = hopName(hop);
    const step = steps?.findLast(
      (candidate) => candidate.cause === cause.step && hopName(candidate.hop) === name,
    );
    return step ? { ...cause, step: step.id } : cause;
  }

  #begin(passing: Passing, cause: Cause, begun: BegunStep[]): Cause {
    const { payload } = passing;
    const kept = typeof payload === 'string' ? this.traces.keep(payload) : undefined;
    const { members } = cause;
    if (!members) return this.#beginIn(passing, kept, cause, begun);
    const own = mapped(members, (member, key) => {
      if (typeof payload === 'function')
        return this.#beginIn(passing, this.traces.keep(payload(key)), member, begun);
      const same = begun.find(({ trace }) => trace.trace === member.trace);
      if (same) return { ...member, step: same.step.id };
      return this.#beginIn(passing, kept, member, begun);
    });
    return { ...cause, members: own };
  }

  #beginIn(passing: Passing, payload: Kept | undefined, cause: Cause, begun: BegunStep[]): Cause {
    const trace = this.traces.trace(cause.trace) ?? this.#open(passing, cause);
    if (!trace) return cause;
    const step: RecordedStep = {
      id: ++this.#lastId,
      // The first step of a trace has no cause; it is the cause of its own repetitions.
      cause: cause.step ?? trace.steps[0]?.id,
      kind: passing.kind,
      hop: interned(this.#hops, hopName(passing.hop), passing.hop),
      to: interned(this.#places, passing.to, passing.to),
      part: passing.part,
      attempt: passing.attempt,
      startedAt: this.#clock.now(),
      endedAt: undefined,
      error: undefined,
      faults: undefined,
      payload,
      result: undefined,
      logs: undefined,
      why: passing.why,
    };
    if (!this.traces.add(trace, step)) return { ...cause, step: LEFT_OUT };
    begun.push({ trace, step, passes: this.#begunPasses(trace, step) });
    return { ...cause, step: step.id };
  }

  /**
   * Counts that a step begins. Returns what counts its end; `undefined` for an event that did not
   * match, which passes nothing.
   */
  #begunPasses({ steps }: RecordedTrace, { cause, hop, kind, to }: RecordedStep): Passes | undefined {
    if (kind === 'unmatched') return undefined;
    // The hop to a dead-letter queue does not name what leads there.
    const from = kind === 'dead-letter' ? steps.findLast(({ id }) => id === cause)?.to : undefined;
    const passes = this.traffic.of(hop, to, from);
    passes?.begin();
    this.traffic.changes.report();
    return passes;
  }

  /** Opens a trace; `undefined` for a step of a trace that is no longer kept. */
  #open({ kind, hop }: Passing, { trace, step }: Cause): RecordedTrace | undefined {
    if (step !== undefined) return undefined;
    return this.traces.open(trace, this.#clock.now(), kind === 'event' ? hopName(hop) : undefined);
  }

  #end(begun: BegunStep[], { error, result, createdId }: Outcome): void {
    const kept = result === undefined ? undefined : this.traces.keep(result);
    for (const { trace, step, passes } of begun) {
      step.endedAt = this.#clock.now();
      passes?.end(step.endedAt, step.endedAt - step.startedAt, error !== undefined);
      trace.endedAt = step.endedAt;
      step.error = error;
      trace.running--;
      if (error !== undefined) trace.failed++;
      if (createdId !== undefined) trace.createdId = createdId;
      step.result = kept;
      this.traces.changed(trace);
    }
    this.traffic.changes.report();
  }

  #found(cause: Cause): StepOfTrace[] {
    if (cause.members) {
      const found = [...cause.members.values()].flatMap((member) => this.#found(member));
      return found.filter(({ step }, index) => found.findIndex((other) => other.step === step) === index);
    }
    const trace = this.traces.trace(cause.trace);
    const step = trace?.steps.findLast(({ id }) => id === cause.step);
    return trace && step ? [{ trace, step }] : [];
  }
}

/**
 * Returns the same value for the same name. Hops and places would otherwise take half of the memory
 * of the steps.
 */
function interned<Value>(known: Map<string, Value>, name: string, value: Value): Value {
  const first = known.get(name);
  if (first !== undefined) return first;
  if (known.size < MAXIMUM_NAMES) known.set(name, value);
  return value;
}

function mapped<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  of: (value: Value, key: Key) => Value,
): Map<Key, Value> {
  return new Map([...map].map(([key, value]) => [key, of(value, key)]));
}

function describe(error: unknown): string {
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
