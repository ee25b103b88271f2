import type { Clock } from './clock.ts';
import { ContentRing, type Kept } from './content-ring.ts';
import { type Hop, hopName } from './hop.ts';
import { AwsError } from './service.ts';
import type { StepKind } from './steps.ts';
import { type Cause, causeOf } from './trace.ts';

/** What is known of a step when it begins. */
export interface Passing {
  kind: StepKind;
  hop: Hop;
  /** Where it goes: an ARN, the name of a bus or an API, or one of `client`, `comprehend` and `mail`. */
  to: string;
  /** Tells apart the steps that have the same hop and the same cause, and are no retries of each other. */
  part?: string | undefined;
  /** Which it is of several, if that is known; else the failed ones just before it with the same hop and cause are counted. */
  attempt?: number | undefined;
  /**
   * What is passed on, as text. Of a batch whose items are passed one by one, that of the item with a key: then each has a step of
   * its own; else each trace has one, whatever number of its items there are.
   */
  payload?: string | ((key: string) => string) | undefined;
  /** Tells of the payload, parsed, why it goes no further; asked only when somebody looks. */
  why?: ((payload: unknown) => string | undefined) | undefined;
}

/** How a step ended. With an error it has failed. */
export interface Outcome {
  error?: string | undefined;
  /** As text. */
  result?: string | undefined;
  /** The id of what a request created. */
  createdId?: string | undefined;
}

export interface RecordedStep {
  readonly id: number;
  readonly cause: number | undefined;
  readonly kind: StepKind;
  readonly hop: Hop;
  readonly to: string;
  readonly part: string | undefined;
  readonly attempt: number | undefined;
  readonly startedAt: number;
  endedAt: number | undefined;
  error: string | undefined;
  faults: string[] | undefined;
  readonly payload: Kept | undefined;
  result: Kept | undefined;
  logs: Kept[] | undefined;
  readonly why: Passing['why'];
}

export interface RecordedTrace {
  readonly trace: string;
  readonly startedAt: number;
  /** When the last of its steps so far was over. */
  endedAt: number;
  /** In the order of their beginnings; each but the first has a cause among those before it. */
  readonly steps: RecordedStep[];
  /** How many more there were than are kept. */
  leftOut: number;
  running: number;
  failed: number;
  deadLetters: number;
  /** How many lines its steps have. */
  lines: number;
  /** Whether it had more of them. */
  linesDropped: boolean;
  createdId: string | undefined;
}

/** A step takes about 300 bytes, and a trace has some 25 steps. */
const MAXIMUM_TRACES = 1_200;
const MAXIMUM_STEPS = 50_000;
/** One message that is pushed to thousands of clients would leave nothing of the other traces. */
const MAXIMUM_STEPS_OF_TRACE = 5_000;
const MAXIMUM_LINES_OF_STEP = 200;
/** Where a line is kept takes about 60 bytes; of usual ones, the ring has room for no more. */
const MAXIMUM_LINES = 30_000;
/** No step's id: what goes back to it goes back to a step that was left out. */
const LEFT_OUT = 0;
/** More than a template has hops and resources; each connection of a client has a name too. */
const MAXIMUM_NAMES = 1_000;

/**
 * Records every hop that something takes, with what led to it. What it keeps is bounded: the newest traces, and the newest
 * of what has passed. It parses nothing, and makes no text of anything but an API's answer, until somebody looks, so that it
 * costs the flow little.
 */
export class Recorder {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #traces = new Map<string, RecordedTrace>();
  readonly #hops = new Map<string, Hop>();
  readonly #places = new Map<string, string>();
  /** Payloads, results and logs. */
  readonly #contents: ContentRing | undefined;
  /** The last trace of each schedule, by the name of its hop. */
  readonly #scheduled = new Map<string, RecordedTrace>();
  readonly #listeners = new Set<(trace: RecordedTrace) => void>();
  #steps = 0;
  #lines = 0;
  #lastId = LEFT_OUT;

  /** @param on whether anything is recorded */
  constructor(clock: Clock, on = true) {
    this.#clock = clock;
    if (on) this.#contents = new ContentRing();
  }

  /** Whether anything is recorded. */
  get isOn(): boolean {
    return this.#contents !== undefined;
  }

  /** Newest first. */
  newest(limit: number): RecordedTrace[] {
    return [...this.#traces.values()].slice(-limit).reverse();
  }

  trace(trace: string): RecordedTrace | undefined {
    return this.#traces.get(trace);
  }

  /** What is kept of a content; nothing if newer ones have taken its place. */
  read(content: Kept): string | undefined {
    return this.#contents?.read(content);
  }

  /** Tells of each change of a trace, until the function returned is called. */
  onChange(listener: (trace: RecordedTrace) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Records a step while it is done: in the trace of its cause, or for a batch in the trace of each item.
   * @param act receives the cause of everything that follows: this step
   * @param outcomeOf returns what to record of the result; nothing if absent
   */
  async record<T>(
    passing: Passing,
    cause: Cause,
    act: (own: Cause) => Promise<T>,
    outcomeOf?: (result: T) => Outcome,
  ): Promise<T> {
    if (!this.#contents) return act(cause);
    const begun: Begun[] = [];
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

  /** Records a step that is over at once, and gives the cause of all that it leads to. */
  note(passing: Passing, cause: Cause): Cause {
    if (!this.#contents) return cause;
    const begun: Begun[] = [];
    const own = this.#begin(passing, cause, begun);
    this.#end(begun, {});
    return own;
  }

  /** Notes what faults strike the step that leads to something with this cause. */
  struck(cause: Cause, faults: string[]): void {
    for (const { trace, step } of this.#found(cause)) {
      step.faults = faults;
      this.#changed(trace);
    }
  }

  /** Adds a line that the handler writes to the step of its run; of a batch, to those of the items that it names. */
  log(cause: Cause, line: string): void {
    if (!this.#contents) return;
    const kept = this.#contents.keep(line);
    for (const { trace, step } of this.#found(causeOf(cause, line))) {
      step.logs ??= [];
      if (step.logs.length < MAXIMUM_LINES_OF_STEP) {
        step.logs.push(kept);
        trace.lines++;
        this.#lines++;
      }
      this.#changed(trace);
    }
    this.#trimLines();
  }

  /** The cause of what the last attempt at a hop has led to, by having failed: that step, or if there is none its cause. */
  after(cause: Cause, hop: Hop): Cause {
    if (cause.members)
      return { ...cause, members: mapped(cause.members, (member) => this.after(member, hop)) };
    const steps = this.#traces.get(cause.trace)?.steps;
    const name = hopName(hop);
    const step = steps?.findLast(
      (candidate) => candidate.cause === cause.step && hopName(candidate.hop) === name,
    );
    return step ? { ...cause, step: step.id } : cause;
  }

  #begin(passing: Passing, cause: Cause, begun: Begun[]): Cause {
    const { payload } = passing;
    const kept = typeof payload === 'string' ? this.#contents?.keep(payload) : undefined;
    const { members } = cause;
    if (!members) return this.#beginIn(passing, kept, cause, begun);
    const own = mapped(members, (member, key) => {
      if (typeof payload === 'function')
        return this.#beginIn(passing, this.#contents?.keep(payload(key)), member, begun);
      const same = begun.find(({ trace }) => trace.trace === member.trace);
      if (same) return { trace: member.trace, step: same.step.id };
      return this.#beginIn(passing, kept, member, begun);
    });
    return { ...cause, members: own };
  }

  #beginIn(passing: Passing, payload: Kept | undefined, cause: Cause, begun: Begun[]): Cause {
    const trace = this.#traces.get(cause.trace) ?? this.#open(passing, cause);
    if (!trace) return cause;
    if (trace.steps.length >= MAXIMUM_STEPS_OF_TRACE) {
      trace.leftOut++;
      return { trace: cause.trace, step: LEFT_OUT };
    }
    const step: RecordedStep = {
      id: ++this.#lastId,
      // What begins a trace has no cause, and a repetition of it goes back to it.
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
    trace.steps.push(step);
    trace.running++;
    if (step.kind === 'dead-letter') trace.deadLetters++;
    this.#steps++;
    begun.push({ trace, step });
    this.#trim();
    this.#changed(trace);
    return { trace: cause.trace, step: step.id };
  }

  /** A new trace; none for what goes on in one that is no longer kept. */
  #open({ kind, hop }: Passing, { trace: id, step }: Cause): RecordedTrace | undefined {
    if (step !== undefined) return undefined;
    const trace: RecordedTrace = {
      trace: id,
      startedAt: this.#clock.now(),
      endedAt: this.#clock.now(),
      steps: [],
      leftOut: 0,
      running: 0,
      failed: 0,
      deadLetters: 0,
      lines: 0,
      linesDropped: false,
      createdId: undefined,
    };
    this.#traces.set(id, trace);
    if (kind === 'event') {
      const name = hopName(hop);
      const last = this.#scheduled.get(name);
      // A night of ticks that found nothing to do would leave no room for anything else.
      if (last && isUneventful(last)) this.#forget(last);
      this.#scheduled.set(name, trace);
    }
    return trace;
  }

  #end(begun: Begun[], { error, result, createdId }: Outcome): void {
    const kept = result === undefined ? undefined : this.#contents?.keep(result);
    for (const { trace, step } of begun) {
      step.endedAt = this.#clock.now();
      trace.endedAt = step.endedAt;
      step.error = error;
      trace.running--;
      if (error !== undefined) trace.failed++;
      if (createdId !== undefined) trace.createdId = createdId;
      step.result = kept;
      this.#changed(trace);
    }
  }

  #found(cause: Cause): Begun[] {
    if (cause.members) {
      const found = [...cause.members.values()].flatMap((member) => this.#found(member));
      return found.filter(({ step }, index) => found.findIndex((other) => other.step === step) === index);
    }
    const trace = this.#traces.get(cause.trace);
    const step = trace?.steps.findLast(({ id }) => id === cause.step);
    return trace && step ? [{ trace, step }] : [];
  }

  #trim(): void {
    while (this.#traces.size > MAXIMUM_TRACES || this.#steps > MAXIMUM_STEPS) {
      const [oldest] = this.#traces.values();
      if (!oldest) return;
      this.#forget(oldest);
    }
  }

  /** Drops the lines of the oldest traces that have any, while there are too many. */
  #trimLines(): void {
    if (this.#lines <= MAXIMUM_LINES) return;
    for (const trace of this.#traces.values()) {
      if (trace.lines === 0) continue;
      for (const step of trace.steps) step.logs = undefined;
      this.#lines -= trace.lines;
      trace.lines = 0;
      trace.linesDropped = true;
      if (this.#lines <= MAXIMUM_LINES) return;
    }
  }

  #forget(trace: RecordedTrace): void {
    // A schedule's last trace may have been forgotten for others.
    if (!this.#traces.delete(trace.trace)) return;
    this.#steps -= trace.steps.length;
    this.#lines -= trace.lines;
  }

  #changed(trace: RecordedTrace): void {
    for (const listener of this.#listeners) listener(trace);
  }
}

/** A step that has begun, and the trace that it is in. */
interface Begun {
  trace: RecordedTrace;
  step: RecordedStep;
}

/** Returns one value for all of the same name: half of what the steps would take is hops and places. */
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

/** Whether all that a schedule's tick has led to is over, went well, and put no event. */
function isUneventful({ steps, running, failed, deadLetters }: RecordedTrace): boolean {
  return running + failed + deadLetters === 0 && steps.filter(({ kind }) => kind === 'event').length === 1;
}

function describe(error: unknown): string {
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
