import { Changes } from '../../core/changes.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Metric } from '../../core/metric.ts';
import { embeddedMetrics, type MeasuredValues } from './embedded-metrics.ts';

/** The number of values of a metric whose percentiles are known. */
const MAXIMUM_VALUES = 10_000;

/** The number of metrics. An app whose dimensions have more values would pay for each of them. */
const MAXIMUM_METRICS = 1_000;

/** The values of one metric: all of them as totals, and the newest ones. */
interface Series extends Omit<MeasuredValues, 'values'> {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  newest: number[];
}

/** The metrics that functions write to their logs in the embedded metric format. */
export class Metrics {
  /** Reports when values are added. */
  readonly changes = new Changes();
  readonly #series = new Map<string, Series>();
  readonly #clock: Clock;
  readonly #log: Log;
  #isFull = false;

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Adds the values in a line of a log, if it has any. */
  read(line: string): void {
    for (const { values, ...metric } of embeddedMetrics(line, this.#clock.now())) {
      if (values.length === 0) continue;
      const series = this.#series.get(keyOf(metric)) ?? this.#create(metric);
      for (const value of values) if (series) add(value, series);
      this.changes.report();
    }
  }

  /** The metrics with at least one value, in the order of their first values. */
  get list(): Metric[] {
    return [...this.#series.values()].map(({ newest, ...series }) => {
      const sorted = newest.toSorted((one, other) => one - other);
      const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      return {
        ...series,
        average: series.sum / series.count,
        p50: percentile(0.5),
        p90: percentile(0.9),
        p99: percentile(0.99),
      };
    });
  }
  #create(metric: Omit<MeasuredValues, 'values'>): Series | undefined {
    if (this.#series.size < MAXIMUM_METRICS) {
      const { POSITIVE_INFINITY: minimum, NEGATIVE_INFINITY: maximum } = Number;
      const series = { ...metric, count: 0, sum: 0, minimum, maximum, newest: [] };
      this.#series.set(keyOf(metric), series);
      return series;
    }
    if (!this.#isFull)
      this.#log.warn(
        'cloudwatch',
        `The functions have written ${MAXIMUM_METRICS} metrics; further ones are ignored. CloudWatch charges for each. Remove dimensions with many values.`,
      );
    this.#isFull = true;
    return undefined;
  }
}

/** Returns the identity of a metric. The order of its dimensions does not matter. */
function keyOf({ namespace, name, unit, dimensions }: Omit<MeasuredValues, 'values'>): string {
  return JSON.stringify([namespace, name, unit, Object.entries(dimensions).sort()]);
}

function add(value: number, series: Series): void {
  series.newest[series.count % MAXIMUM_VALUES] = value;
  series.count += 1;
  series.sum += value;
  series.minimum = Math.min(series.minimum, value);
  series.maximum = Math.max(series.maximum, value);
}
