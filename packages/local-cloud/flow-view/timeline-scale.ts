import { durationText } from './duration.ts';

/** A stretch of time, in milliseconds since whatever epoch. */
export interface Span {
  startedAt: number;
  endedAt: number;
}

/** A stretch in which nothing began or ended, so long that it is drawn shorter. Positions are parts of the width. */
export interface Gap {
  from: number;
  to: number;
  ms: number;
}

export interface Tick {
  /** A part of the width. */
  at: number;
  label: string;
}

export interface TimelineScale {
  /** Where a moment is drawn, as a part of the width from 0 to 1. */
  position(moment: number): number;
  gaps: Gap[];
  ticks: Tick[];
}

/** Nothing this short, in milliseconds, is drawn shorter. */
const NEVER_SHORTENED = 100;
/** How much longer than all that is shorter a stretch has to be. */
const OUT_OF_PROPORTION = 4;
/** The part of the width that a shortened stretch takes, and that all of them take together. */
const GAP = 0.12;
const GAPS = 0.5;
const LEAST_BETWEEN_TICKS = 0.17;

/**
 * A scale on which steps of a millisecond can be seen beside waits of hours: time goes evenly, but for the stretches
 * without an event that are out of proportion to all the rest. These are drawn shorter, all of the same width.
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

/** What is longer than `limit` is shortened; `even` is how long all the rest is together. */
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

/** The stretches between two gaps, each as one. */
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

/** The first run is labelled from the beginning on; any other by when it begins, and from there on. */
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

/** The next 1, 2 or 5 times a power of ten. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return ([1, 2, 5, 10].find((factor) => factor * power >= ms) ?? 10) * power;
}
