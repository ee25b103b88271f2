import type { Metric } from '../src/core/metric.ts';
import { durationText } from './duration.ts';

/** The units of time, in milliseconds. */
const TIMES: Readonly<Record<string, number>> = { Microseconds: 0.001, Milliseconds: 1, Seconds: 1_000 };

/**
 * Returns what a metric says in a few words: how often something has happened, if each value is 1,
 * or else its median and its 99th percentile.
 */
export function metricText({ count, minimum, maximum, p50, p99, unit }: Metric): string {
  if (minimum === 1 && maximum === 1 && unit === 'Count') return String(count);
  const factor = TIMES[unit];
  const text = (value: number): string =>
    factor === undefined ? `${Number(value.toPrecision(3))}` : durationText(value * factor);
  const suffix = factor === undefined && !['Count', 'None'].includes(unit) ? ` ${unit}` : '';
  return `p50 ${text(p50)}, p99 ${text(p99)}${suffix}`;
}
