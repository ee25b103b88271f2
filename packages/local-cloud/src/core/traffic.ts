import { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import { DurationHistogram } from './duration-histogram.ts';
import type { Hop } from './hop.ts';

/** The time by which the oldest figures are dropped. */
export const SLICE_MS = 15_000;
const SLICES = 20;
/** The time that the figures are about: the last five minutes. */
export const WINDOW_MS = SLICES * SLICE_MS;
/** The number of pairs of a hop and a place, above the number of edges of a template. */
const MAXIMUM_PASSES = 500;

/** The passes that ended in one slice of time. */
interface Slice {
  /** Counts the slices since the epoch. */
  number: number;
  failed: number;
  durations: DurationHistogram;
}

/** The figures of passes. */
export interface PassFigures {
  running: number;
  /** The number that have ended, whenever; the other figures are of the last minutes. */
  total: number;
  passed: number;
  failed: number;
  /** In milliseconds; absent if none has ended. */
  p50: number | undefined;
  p99: number | undefined;
}

/** Counts the passes of a hop to a place. */
export class Passes {
  readonly hop: Hop;
  /** The place that the hop leaves, where the hop does not name it. */
  readonly from: string | undefined;
  readonly to: string;
  /** The number of passes that have not ended. */
  running = 0;
  /** The number of passes that have ended, whenever. */
  total = 0;
  readonly #slices: (Slice | undefined)[] = [];

  constructor(hop: Hop, from: string | undefined, to: string) {
    this.hop = hop;
    this.from = from;
    this.to = to;
  }

  begin(): void {
    this.running++;
  }

  end(now: number, ms: number, failed: boolean): void {
    this.running--;
    this.total++;
    const number = Math.floor(now / SLICE_MS);
    const slice = this.#slices[number % SLICES] ?? { number, failed: 0, durations: new DurationHistogram() };
    this.#slices[number % SLICES] = slice;
    if (slice.number !== number) {
      slice.number = number;
      slice.failed = 0;
      slice.durations.clear();
    }
    slice.durations.add(ms);
    if (failed) slice.failed++;
  }

  /** Returns whether none has run in the last minutes. */
  isIdle(now: number): boolean {
    return this.running === 0 && this.recent(now).length === 0;
  }

  /** Returns the slices of the last minutes. */
  recent(now: number): Slice[] {
    const newest = Math.floor(now / SLICE_MS);
    return this.#slices.flatMap((slice) =>
      slice && slice.number > newest - SLICES && slice.number <= newest ? slice : [],
    );
  }
}

/**
 * Counts the passes of every hop in the last minutes of the services' clock. A pass costs a constant
 * time, and the memory is bounded.
 */
export class Traffic {
  /** Reports each begin and end of a pass. */
  readonly changes = new Changes();
  readonly #passes = new Map<Hop, Map<string, Passes>>();
  readonly #clock: Clock;
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns what counts the passes of a hop to a place; `undefined` if too many other hops have been
   * passed lately.
   * @param hop the same object for each pass of the same hop
   * @param from the place that the hop leaves, if the hop does not name it
   */
  of(hop: Hop, place: string, from?: string): Passes | undefined {
    const to = withoutConnection(place);
    const key = from === undefined ? to : `${from} ${to}`;
    return this.#passes.get(hop)?.get(key) ?? this.#create(key, new Passes(hop, from, to));
  }

  /** Returns the passes that are not idle. */
  get recent(): Passes[] {
    const now = this.#clock.now();
    return this.#all().filter((passes) => !passes.isIdle(now));
  }

  /** Returns the figures of several passes together. */
  figures(all: readonly Passes[]): PassFigures {
    const now = this.#clock.now();
    const recent = all.flatMap((passes) => passes.recent(now));
    const durations = new DurationHistogram();
    for (const slice of recent) durations.addAll(slice.durations);
    return {
      running: all.reduce((sum, { running }) => sum + running, 0),
      total: all.reduce((sum, { total }) => sum + total, 0),
      passed: durations.count,
      failed: recent.reduce((sum, { failed }) => sum + failed, 0),
      p50: durations.percentile(0.5),
      p99: durations.percentile(0.99),
    };
  }

  #all(): Passes[] {
    return [...this.#passes.values()].flatMap((byPlace) => [...byPlace.values()]);
  }

  #create(key: string, passes: Passes): Passes | undefined {
    if (this.#size >= MAXIMUM_PASSES) this.#forgetIdle();
    if (this.#size >= MAXIMUM_PASSES) return undefined;
    const byPlace = this.#passes.get(passes.hop) ?? new Map<string, Passes>();
    this.#passes.set(passes.hop, byPlace.set(key, passes));
    this.#size++;
    return passes;
  }

  #forgetIdle(): void {
    const now = this.#clock.now();
    for (const [hop, byPlace] of this.#passes) {
      for (const [key, passes] of byPlace) if (passes.isIdle(now)) byPlace.delete(key);
      if (byPlace.size === 0) this.#passes.delete(hop);
    }
    this.#size = this.#all().length;
  }
}

/** Returns a place, but for a connection of a client, of which there may be thousands, its API. */
function withoutConnection(place: string): string {
  const end = place.indexOf('/@connections/');
  return end < 0 ? place : place.slice(0, end);
}
