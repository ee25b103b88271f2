import { durationText } from './duration.ts';

/** A span of time, in milliseconds since any epoch. */
export interface Span {
  startedAt: number;
  endedAt: number;
}

/**
 * A long span without a beginning or an end of a step, which is drawn shorter. Positions are
 * fractions of the width.
 */
export interface Gap {
  from: number;
  to: number;
  ms: number;
}

export interface Tick {
  /** A fraction of the width. */
  at: number;
  label: string;
}

export interface TimelineScale {
  /** Returns the position of a moment, as a fraction of the width from 0 to 1. */
  position(moment: number): number;
  gaps: Gap[];
  ticks: Tick[];
}

/** The length in milliseconds up to which a span is never shortened. */
const NEVER_SHORTENED = 100;
/** The minimum ratio of a shortened span to the total of the spans that are not shortened. */
const OUT_OF_PROPORTION = 4;
/** The fraction of the width for one shortened span, and the limit for all of them. */
const GAP = 0.12;
const GAPS = 0.5;
const LEAST_BETWEEN_TICKS = 0.17;

/**
 * Returns a scale that shows steps of a millisecond beside waits of hours. The scale is linear,
 * except for spans without an event that are out of proportion to the rest. These are shortened,
 * all to the same width.
 */
export function timelineScale(spans: readonly Span[]): TimelineScale {
  const moments = [...new Set(spans.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]))].sort(
    (a, b) => a - b,
  );
  const stretches = moments.slice(1).map((end, index) => {
    const start = moments[index] ?? end;
    return { start, end, ms: end - start };
  });
  const { limit, even } = proportionOf(stretches.map(({ ms }) => ms));
  const count = stretches.filter(({ ms }) => ms > limit).length;
  const gapsWidth = even === 0 ? 1 : Math.min(count * GAP, GAPS);

  let at = 0;
  const drawn = stretches.map(({ start, end, ms }) => {
    const shortened = ms > limit;
    const width = shortened ? gapsWidth / count : (ms / even) * (count ? 1 - gapsWidth : 1);
    const from = at;
    at += width;
    return { start, end, ms, from, to: at, shortened };
  });
  const gaps = drawn.filter(({ shortened }) => shortened).map(({ from, to, ms }) => ({ from, to, ms }));
  const first = moments[0] ?? 0;
  return {
    position(moment) {
      const stretch = drawn.find(({ end }) => moment <= end);
      if (!stretch) return drawn.length > 0 ? 1 : 0;
      const part = Math.max(0, (moment - stretch.start) / stretch.ms);
      return stretch.from + part * (stretch.to - stretch.from);
    },
    gaps,
    ticks: ticksOf(runsOf(drawn), first),
  };
}

/**
 * Returns the `limit` above which spans are shortened, and the total length `even` of the other
 * spans.
 */
function proportionOf(durations: number[]): { limit: number; even: number } {
  let even = 0;
  for (const ms of durations.toSorted((a, b) => a - b)) {
    const limit = Math.max(NEVER_SHORTENED, OUT_OF_PROPORTION * even);
    if (ms > limit) return { limit, even };
    even += ms;
  }
  return { limit: Number.POSITIVE_INFINITY, even };
}

interface Run {
  start: number;
  end: number;
  from: number;
  to: number;
}

/** Merges the spans between two gaps. */
function runsOf(drawn: (Run & { shortened: boolean })[]): Run[] {
  const runs: Run[] = [];
  let open: Run | undefined;
  for (const { shortened, start, end, from, to } of drawn) {
    if (shortened) open = undefined;
    else if (open) {
      open.end = end;
      open.to = to;
    } else {
      open = { start, end, from, to };
      runs.push(open);
    }
  }
  return runs;
}

/**
 * Returns the labels: at the start of each run, the time since the beginning; within later runs,
 * the time since the start of the run.
 */
function ticksOf(runs: Run[], first: number): Tick[] {
  const ticks: Tick[] = [];
  const add = (at: number, label: string): void => {
    const last = ticks.at(-1);
    if (!last || at - last.at >= LEAST_BETWEEN_TICKS) ticks.push({ at, label });
  };
  for (const { start, end, from, to } of runs) {
    add(from, durationText(start - first));
    const step = roundUp(((end - start) * LEAST_BETWEEN_TICKS) / (to - from || 1));
    for (let offset = step; start + offset <= end; offset += step) {
      const label = durationText(offset);
      add(from + (offset / (end - start)) * (to - from), start === first ? label : `+${label}`);
    }
  }
  return ticks;
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return ([1, 2, 5, 10].find((factor) => factor * power >= ms) ?? 10) * power;
}
