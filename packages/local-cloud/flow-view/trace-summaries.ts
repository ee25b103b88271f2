import type { TraceSummary } from '../src/core/steps.ts';

/** How many are kept for the list; the oldest make room. */
export const KEPT = 2_000;

export type TraceState = 'running' | 'dead letters' | 'failed' | 'done';

/** What became of a trace. A failure that a later attempt made good is none. */
export function traceState({ running, failed, deadLetters }: TraceSummary): TraceState {
  if (running > 0) return 'running';
  if (deadLetters > 0) return 'dead letters';
  return failed > 0 ? 'failed' : 'done';
}

/** The summaries with those that changed, newest first. */
export function withChanges(
  known: readonly TraceSummary[],
  changed: readonly TraceSummary[],
): readonly TraceSummary[] {
  const byTrace = new Map(known.map((summary) => [summary.trace, summary]));
  for (const summary of changed) byTrace.set(summary.trace, summary);
  return [...byTrace.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, KEPT);
}

/**
 * The summaries as the local cloud has them now: what is not among its newest, though not older than all of these, it no
 * longer keeps, as a schedule's ticks that led to nothing.
 */
export function withNewest(
  known: readonly TraceSummary[],
  newest: readonly TraceSummary[],
): readonly TraceSummary[] {
  const oldest = newest.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY;
  return withChanges(
    known.filter(({ startedAt }) => startedAt < oldest),
    newest,
  );
}

/** Returns those whose title, state, created id or trace contains each of the words, in any case. */
export function withText(traces: readonly TraceSummary[], text: string): readonly TraceSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return traces;
  return traces.filter((summary) => {
    const { trace, title, createdId = '' } = summary;
    const searched = `${title} ${traceState(summary)} ${createdId} ${trace}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
