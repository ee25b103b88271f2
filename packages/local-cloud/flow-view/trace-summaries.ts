import type { TraceSummary } from '../src/core/steps.ts';

/** The number of traces in the list; the oldest are removed first. */
export const KEPT = 2_000;

export type TraceState = 'running' | 'dead letters' | 'failed' | 'done';

/** Returns the state of a trace. A failure with a successful retry does not count. */
export function traceState({ running, failed, deadLetters }: TraceSummary): TraceState {
  if (running > 0) return 'running';
  if (deadLetters > 0) return 'dead letters';
  return failed > 0 ? 'failed' : 'done';
}

/** Returns the summaries with the changed ones, newest first. */
export function withChanges(
  known: readonly TraceSummary[],
  changed: readonly TraceSummary[],
): readonly TraceSummary[] {
  const byTrace = new Map(known.map((summary) => [summary.trace, summary]));
  for (const summary of changed) byTrace.set(summary.trace, summary);
  return [...byTrace.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, KEPT);
}

/**
 * Returns the summaries in the present state of the local cloud. Removes those that it no longer
 * keeps, such as a schedule's runs that led to nothing: they are missing from the newest summaries
 * although they are not older than all of these.
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

/** Returns the traces whose title, state, created ID or ID contains every word, in any case. */
export function withText(traces: readonly TraceSummary[], text: string): readonly TraceSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return traces;
  return traces.filter((summary) => {
    const { trace, title, createdId = '' } = summary;
    const searched = `${title} ${traceState(summary)} ${createdId} ${trace}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
