import { hopName, httpRequest, isFromClient } from '../core/hop.ts';
import type { ExampleRequest, TracePage, TraceQuery, TraceState } from '../core/steps.ts';
import type { RecordedTrace, TraceStore } from '../core/trace-store.ts';
import { summaryOf, titleOf } from './trace-document.ts';

/** The share of the traces that are not slow. */
const NOT_SLOW = 0.95;
/** The number of traces that begin alike, below which none of them is slow. */
const LEAST_COMPARED = 20;

/** Returns the newest traces that match a query, newest first, and the numbers of all that match. */
export function tracePage(
  { text, kind, state, limit, cursor }: TraceQuery,
  traces: Pick<TraceStore, 'newest' | 'read'>,
  example: ExampleRequest | undefined,
): TracePage {
  const kept = traces.newest();
  const isInState = stateTests(kept);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = kept.filter(
    (trace) =>
      (kind === 'all' || !example || isOf(example, trace)) &&
      (words.length === 0 || contains(words, trace, traces)),
  );
  const matching = state === undefined ? found : found.filter(isInState[state]);
  const older = cursor === undefined ? matching : matching.filter((trace) => ordinal(trace) < cursor);
  const page = older.slice(0, limit);
  const last = page.at(-1);
  return {
    traces: page.map((trace) => summaryOf(trace, traces)),
    total: matching.length,
    states: {
      failed: found.filter(isInState.failed).length,
      slow: found.filter(isInState.slow).length,
      'dead-letters': found.filter(isInState['dead-letters']).length,
    },
    next: last && older.length > limit ? ordinal(last) : undefined,
  };
}

/** Returns a number that increases in the order in which traces begin. */
function ordinal({ steps: [first] }: RecordedTrace): number {
  return first?.id ?? 0;
}

function isOf({ method, path }: ExampleRequest, { steps: [first] }: RecordedTrace): boolean {
  return first !== undefined && isFromClient(first.hop) && first.hop.to === httpRequest(method, path);
}

/** Returns whether the title, an ID or an error of a trace contains each of these words. */
function contains(
  words: readonly string[],
  recorded: RecordedTrace,
  traces: Pick<TraceStore, 'read'>,
): boolean {
  const { trace, createdId, failed, steps } = recorded;
  const errors = failed > 0 ? steps.flatMap(({ error }) => error ?? []) : [];
  const searched = [titleOf(recorded, traces), trace, createdId, ...errors].join('\n').toLowerCase();
  return words.every((word) => searched.includes(word));
}

/**
 * Returns a test for each state. A trace is slow if it takes longer than 95 % of the kept traces
 * that begin at the same hop.
 */
function stateTests(kept: readonly RecordedTrace[]): Record<TraceState, (trace: RecordedTrace) => boolean> {
  const durations = new Map<string, number[]>();
  for (const trace of kept) {
    const alike = durations.get(beginningOf(trace));
    if (alike) alike.push(durationOf(trace));
    else durations.set(beginningOf(trace), [durationOf(trace)]);
  }
  const limits = new Map<string, number>();
  for (const [beginning, alike] of durations) {
    const limit = alike.sort((one, other) => one - other)[Math.ceil(NOT_SLOW * alike.length) - 1];
    if (limit !== undefined && alike.length >= LEAST_COMPARED) limits.set(beginning, limit);
  }
  return {
    failed: ({ failed }) => failed > 0,
    slow: (trace) => durationOf(trace) > (limits.get(beginningOf(trace)) ?? Number.POSITIVE_INFINITY),
    'dead-letters': ({ deadLetters }) => deadLetters > 0,
  };
}

function beginningOf({ steps: [first] }: RecordedTrace): string {
  return first ? hopName(first.hop) : '';
}

/** Returns the time from the first step to the end of the last one that has ended. */
function durationOf({ startedAt, endedAt }: RecordedTrace): number {
  return endedAt - startedAt;
}
