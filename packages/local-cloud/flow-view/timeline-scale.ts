/** A span of time, in milliseconds since any epoch. */
export interface Span {
  startedAt: number;
  endedAt: number;
}

/**
 * A long span in which nothing runs, which is drawn shorter. Positions are fractions of the width.
 */
export interface Gap {
  from: number;
  to: number;
  ms: number;
}

/** A part of the scale that is linear. */
export interface Run {
  start: number;
  end: number;
  /** Positions, as fractions of the width. */
  from: number;
  to: number;
}

export interface TimelineScale {
  /** Returns the position of a moment, as a fraction of the width from 0 to 1. */
  position(moment: number): number;
  gaps: Gap[];
  /** The parts between the gaps. */
  runs: Run[];
}

/** The length in milliseconds up to which a span is never shortened. */
const NEVER_SHORTENED = 100;
/** The minimum ratio of a shortened span to the time in which something runs. */
const OUT_OF_PROPORTION = 4;
/** The fraction of the width for one shortened span, and the limit for all of them. */
const GAP = 0.12;
const GAPS = 0.5;

/**
 * Returns a scale that shows steps of a millisecond beside waits of hours. The scale is linear,
 * except for spans in which nothing runs and that are out of proportion to the rest. These are
 * shortened, all to the same width.
 */
export function timelineScale(spans: readonly Span[]): TimelineScale {
  const stretches = stretchesOf(spans);
  const { limit, even } = proportionOf(stretches);
  const isShortened = ({ ms, isIdle }: Stretch): boolean => isIdle && ms > limit;
  const count = stretches.filter(isShortened).length;
  const gapsWidth = even === 0 ? 1 : Math.min(count * GAP, GAPS);

  let at = 0;
  const drawn = stretches.map((stretch) => {
    const { start, end, ms } = stretch;
    const shortened = isShortened(stretch);
    const width = shortened ? gapsWidth / count : (ms / even) * (count ? 1 - gapsWidth : 1);
    const from = at;
    at += width;
    return { start, end, ms, from, to: at, shortened };
  });
  const gaps = drawn.filter(({ shortened }) => shortened).map(({ from, to, ms }) => ({ from, to, ms }));
  return {
    position(moment) {
      const stretch = drawn.find(({ end }) => moment <= end);
      if (!stretch) return drawn.length > 0 ? 1 : 0;
      const part = Math.max(0, (moment - stretch.start) / stretch.ms);
      return stretch.from + part * (stretch.to - stretch.from);
    },
    gaps,
    runs: runsOf(drawn),
  };
}

/** The time between two neighbouring moments at which a span begins or ends. */
interface Stretch {
  start: number;
  end: number;
  ms: number;
  /** Whether no span covers it. */
  isIdle: boolean;
}

function stretchesOf(spans: readonly Span[]): Stretch[] {
  /** The change of the number of spans at each moment. */
  const changes = new Map<number, number>();
  const change = (moment: number, by: number): void =>
    void changes.set(moment, (changes.get(moment) ?? 0) + by);
  for (const { startedAt, endedAt } of spans) {
    change(startedAt, 1);
    change(endedAt, -1);
  }
  const moments = [...changes].sort(([a], [b]) => a - b);
  let covering = 0;
  return moments.slice(0, -1).map(([start, by], index) => {
    covering += by;
    const [end] = moments[index + 1] ?? [start];
    return { start, end, ms: end - start, isIdle: covering === 0 };
  });
}

/**
 * Returns the `limit` above which idle spans are shortened, and the total length `even` of the
 * other spans.
 */
function proportionOf(stretches: readonly Stretch[]): { limit: number; even: number } {
  const total = (some: readonly Stretch[]): number => some.reduce((sum, { ms }) => sum + ms, 0);
  const busy = total(stretches.filter(({ isIdle }) => !isIdle));
  const limit = Math.max(NEVER_SHORTENED, OUT_OF_PROPORTION * busy);
  return { limit, even: total(stretches.filter(({ isIdle, ms }) => !isIdle || ms <= limit)) };
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
