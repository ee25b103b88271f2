import type { TraceSummary } from '../src/core/steps.ts';

export type TraceState = 'running' | 'dead letters' | 'failed' | 'unwanted' | 'done';

/** Returns the state of a trace. It is `unwanted` if no rule matched one of its events. */
export function traceState({ running, failed, deadLetters, unwanted }: TraceSummary): TraceState {
  if (running > 0) return 'running';
  if (deadLetters > 0) return 'dead letters';
  if (failed > 0) return 'failed';
  return unwanted > 0 ? 'unwanted' : 'done';
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
