import { counted } from './counted.ts';
import { durationText } from './duration.ts';
import type { TimelineRow } from './timeline-rows.ts';

/** What a row of the timeline says about its steps. */
export interface RowState {
  /** The state of the row; of retries, that of the last attempt. */
  outcome: 'running' | 'ok' | 'failed';
  /** The counts in words, e.g. `80 times, 3 failed` or `3 tries, 2 failed`. Empty for a step. */
  counts: string;
  /** How long it took, or the spread of a group. */
  took: string;
  startedAt: number;
  /** Absent while a step runs. */
  endedAt: number | undefined;
  /** The injected faults, without repetitions. */
  faults: string[];
}

/** Returns what a row says about its steps. */
export function rowState({ kind, steps, count }: TimelineRow): RowState {
  const [first] = steps;
  const last = steps.at(-1) ?? first;
  const failed = steps.filter(({ outcome }) => outcome === 'failed').length;
  const running = steps.filter(({ outcome }) => outcome === 'running').length;
  const ends = steps.flatMap(({ endedAt }) => endedAt ?? []);
  const startedAt = Math.min(...steps.map((step) => step.startedAt));
  const endedAt = running > 0 ? undefined : Math.max(...ends);
  const faults = [...new Set(steps.flatMap((step) => step.faults ?? []))];
  const failures = failed > 0 ? [`${failed} failed`] : [];
  const state = { startedAt, endedAt, faults };
  if (kind === 'group') {
    const tries = steps.length > count ? [counted(steps.length, 'try', 'tries')] : [];
    const going = running > 0 ? [`${running} running`] : [];
    const outcome = running > 0 ? 'running' : failed > 0 ? 'failed' : 'ok';
    return {
      ...state,
      outcome,
      counts: [counted(count, 'time'), ...tries, ...failures, ...going].join(', '),
      took: spreadText(steps.flatMap((step) => tookMs(step) ?? [])),
    };
  }
  const { outcome } = last;
  // The counts of retries say it.
  const isFailure = kind === 'step' && outcome === 'failed';
  const ms = kind === 'step' ? tookMs(last) : endedAt === undefined ? undefined : endedAt - startedAt;
  return {
    ...state,
    outcome,
    counts: kind === 'retries' ? [counted(steps.length, 'try', 'tries'), ...failures].join(', ') : '',
    took: ms === undefined ? 'running' : isFailure ? `failed, ${shortText(ms)}` : shortText(ms),
  };
}

function tookMs({ startedAt, endedAt }: TimelineRow['steps'][0]): number | undefined {
  return endedAt === undefined ? undefined : endedAt - startedAt;
}

function spreadText(durations: readonly number[]): string {
  if (durations.length === 0) return 'running';
  const [least, most] = [shortText(Math.min(...durations)), shortText(Math.max(...durations))];
  return least === most ? most : `${least} – ${most}`;
}

function shortText(ms: number): string {
  return ms < 1 ? '< 1 ms' : durationText(ms);
}
