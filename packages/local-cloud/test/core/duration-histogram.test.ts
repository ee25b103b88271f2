import fc from 'fast-check';
import { DurationHistogram } from '../../src/core/duration-histogram.ts';

function histogramOf(durations: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const ms of durations) histogram.add(ms);
  return histogram;
}

it('knows short durations exactly, and each percentile within 7 %', () => {
  expect(histogramOf([0, 3, 15]).percentile(0.5)).toBe(3);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(200), fc.nat(100_000_000)), { minLength: 1 }),
      fc.constantFrom(0.01, 0.5, 0.99, 1),
      (durations, share) => {
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0;
        const known = histogramOf(durations).percentile(share) ?? Number.NaN;
        expect(Math.abs(known - exact)).toBeLessThanOrEqual(exact < 16 ? 0 : 0.07 * exact);
      },
    ),
  );
});

it('counts durations that are out of its bounds at the bounds', () => {
  expect(histogramOf([-5]).percentile(1)).toBe(0);
  expect(histogramOf([1e12]).percentile(1)).toBeGreaterThan(24 * 60 * 60 * 1000);
});

it('can be added and cleared', () => {
  const histogram = histogramOf([1, 2]);
  histogram.addAll(histogramOf([3, 3, 3]));
  expect([histogram.count, histogram.percentile(0.5)]).toEqual([5, 3]);
  histogram.clear();
  expect([histogram.count, histogram.percentile(0.5)]).toEqual([0, undefined]);
});
