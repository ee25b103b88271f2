import { metricText } from '../../flow-view/metric-text.ts';
import type { Metric } from '../../src/core/metric.ts';

const metric: Metric = {
  namespace: 'Shop',
  name: 'Orders',
  unit: 'Count',
  dimensions: {},
  count: 3,
  sum: 3,
  minimum: 1,
  average: 1,
  maximum: 1,
  p50: 1,
  p90: 1,
  p99: 1,
};

it.each([
  ['a counter', {}, '3'],
  ['a gauge', { maximum: 7, p50: 5, p99: 7 }, 'p50 5, p99 7'],
  ['a time', { unit: 'Milliseconds', p50: 420.4, p99: 2_345 }, 'p50 420 ms, p99 2.35 s'],
  ['a time of one millisecond', { unit: 'Milliseconds' }, 'p50 1 ms, p99 1 ms'],
  ['a time in seconds', { unit: 'Seconds', p50: 0.5, p99: 90 }, 'p50 500 ms, p99 1 min 30 s'],
  ['a size', { unit: 'Kilobytes', p50: 1 / 3, p99: 12 }, 'p50 0.333, p99 12 Kilobytes'],
  ['a number without a unit', { unit: 'None', maximum: 2, p50: 1.5, p99: 2 }, 'p50 1.5, p99 2'],
])('shows %s in a few words', (_, more, text) => {
  expect(metricText({ ...metric, ...more })).toBe(text);
});
