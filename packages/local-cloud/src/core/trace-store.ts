import { ContentRing, type Kept } from './content-ring.ts';
import type { Hop } from './hop.ts';
import type { StepKind } from './steps.ts';

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
  /** Returns the reason why the parsed payload goes no further. */
  readonly why: ((payload: unknown) => string | undefined) | undefined;
}

export interface RecordedTrace {
  readonly trace: string;
  readonly startedAt: number;
  /** The time at which the last step so far ended. */
  endedAt: number;
  /** In the order of their starts; each except the first has an earlier one as its cause. */
  readonly steps: RecordedStep[];
  /** The number of its steps that are not kept. */
  leftOut: number;
  running: number;
  failed: number;
  deadLetters: number;
  /** The number of events that no rule matched. */
  unwanted: number;
  /** The number of log lines of its steps. */
  lines: number;
  /** Whether any of its log lines were dropped. */
  linesDropped: boolean;
  createdId: string | undefined;
}

/** A step, and the trace that it is in. */
export interface StepOfTrace {
  trace: RecordedTrace;
  step: RecordedStep;
}

/** A step takes about 300 bytes, and a trace has some 25 steps. */
const MAXIMUM_TRACES = 1_200;
const MAXIMUM_STEPS = 50_000;
/** Otherwise one message to thousands of clients would displace all other traces. */
const MAXIMUM_STEPS_OF_TRACE = 5_000;
const MAXIMUM_LINES_OF_STEP = 200;
/**
 * The position of a line takes about 60 bytes. The ring cannot hold more lines of the usual length.
 */
const MAXIMUM_LINES = 30_000;

/** Keeps the newest traces, and the newest payloads, results and lines of logs. */
export class TraceStore {
  /** Oldest first. */
  readonly #traces = new Map<string, RecordedTrace>();
  readonly #contents = new ContentRing();
  /** The last trace of each schedule. */
  readonly #scheduled = new Map<string, RecordedTrace>();
  readonly #listeners = new Set<(trace: RecordedTrace) => void>();
  #steps = 0;
  #lines = 0;

  /** Returns at most that many traces, or all, newest first. */
  newest(limit = MAXIMUM_TRACES): RecordedTrace[] {
    return [...this.#traces.values()].slice(-limit).reverse();
  }

  trace(trace: string): RecordedTrace | undefined {
    return this.#traces.get(trace);
  }

  /** Returns a content; `undefined` if newer ones have taken its place. */
  read(content: Kept): string | undefined {
    return this.#contents.read(content);
  }

  /** Calls the listener after each change of a trace, until the returned function is called. */
  onChange(listener: (trace: RecordedTrace) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reports a change of a trace to the listeners. */
  changed(trace: RecordedTrace): void {
    for (const listener of this.#listeners) listener(trace);
  }

  keep(content: string): Kept {
    return this.#contents.keep(content);
  }

  /**
   * Adds a trace.
   * @param schedule the schedule whose tick begins it, if one does
   */
  open(id: string, now: number, schedule: string | undefined): RecordedTrace {
    const trace: RecordedTrace = {
      trace: id,
      startedAt: now,
      endedAt: now,
      steps: [],
      leftOut: 0,
      running: 0,
      failed: 0,
      deadLetters: 0,
      unwanted: 0,
      lines: 0,
      linesDropped: false,
      createdId: undefined,
    };
    this.#traces.set(id, trace);
    if (schedule === undefined) return trace;
    const last = this.#scheduled.get(schedule);
    // Otherwise hours of uneventful ticks would displace all other traces.
    if (last && isUneventful(last)) this.#forget(last);
    this.#scheduled.set(schedule, trace);
    return trace;
  }

  /**
   * Adds a running step to a trace. Returns `false`, and only counts it, if the trace has as many
   * steps as are kept.
   */
  add(trace: RecordedTrace, step: RecordedStep): boolean {
    if (trace.steps.length >= MAXIMUM_STEPS_OF_TRACE) {
      trace.leftOut++;
      return false;
    }
    trace.steps.push(step);
    trace.running++;
    if (step.kind === 'dead-letter') trace.deadLetters++;
    if (step.kind === 'unwanted') trace.unwanted++;
    this.#steps++;
    while (this.#traces.size > MAXIMUM_TRACES || this.#steps > MAXIMUM_STEPS) {
      const [oldest] = this.#traces.values();
      if (!oldest) break;
      this.#forget(oldest);
    }
    this.changed(trace);
    return true;
  }

  /** Adds a line to the logs of steps. */
  addLine(line: Kept, steps: readonly StepOfTrace[]): void {
    for (const { trace, step } of steps) {
      step.logs ??= [];
      if (step.logs.length < MAXIMUM_LINES_OF_STEP) {
        step.logs.push(line);
        trace.lines++;
        this.#lines++;
      }
      this.changed(trace);
    }
    this.#trimLines();
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
    // The last trace of a schedule may have been dropped already.
    if (!this.#traces.delete(trace.trace)) return;
    this.#steps -= trace.steps.length;
    this.#lines -= trace.lines;
  }
}

/**
 * Returns whether a trace is uneventful: all of its steps have ended without errors, and none of
 * them has put an event.
 */
function isUneventful({ steps, running, failed, deadLetters }: RecordedTrace): boolean {
  return running + failed + deadLetters === 0 && steps.filter(({ kind }) => kind === 'event').length === 1;
}
