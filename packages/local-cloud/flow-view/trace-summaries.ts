import type { TraceSummary } from '../src/core/steps.ts';

export type TraceState = 'running' | 'dead letters' | 'failed' | 'unwanted' | 'done';

/** Returns the state of a trace. It is `unwanted` if no rule matched one of its events. */
export function traceState({ running, failed, deadLetters, unwanted }: TraceSummary): TraceState {
  if (running > 0) return 'running';
  if (deadLetters > 0) return 'dead letters';
  if (failed > 0) return 'failed';
  return unwanted > 0 ? 'unwanted' : 'done';
}
