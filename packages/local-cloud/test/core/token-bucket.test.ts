import fc from 'fast-check';
import { TokenBucket } from '../../src/core/token-bucket.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

function takeAll(bucket: TokenBucket): number {
  let taken = 0;
  while (bucket.take()) taken++;
  return taken;
}

it('allows the burst at once and then the rate', () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, { rate: 20, burst: 40 });
  expect(takeAll(bucket)).toBe(40);
  clock.advance(49);
  expect(takeAll(bucket)).toBe(0);
  clock.advance(1);
  expect(takeAll(bucket)).toBe(1);
  clock.advance(1_000);
  expect(takeAll(bucket)).toBe(20);
  clock.advance(3_600_000);
  expect(takeAll(bucket)).toBe(40);
});

it('allows no more than burst plus rate, and no less under constant demand', () => {
  const limits = fc.record({ rate: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(limits, fc.array(fc.integer({ min: 0, max: 500 })), (limit, pauses) => {
      const clock = new ManualClock();
      const bucket = new TokenBucket(clock, limit);
      let taken = takeAll(bucket);
      let elapsed = 0;
      for (const pause of pauses) {
        clock.advance(pause);
        elapsed += pause;
        taken += takeAll(bucket);
        expect(taken).toBeLessThanOrEqual(limit.burst + (elapsed / 1_000) * limit.rate + 1e-6);
      }
      if (pauses.every((pause) => (pause / 1_000) * limit.rate <= limit.burst - 1)) {
        expect(taken).toBeGreaterThan(limit.burst + (elapsed / 1_000) * limit.rate - 1 - 1e-6);
      }
    }),
  );
});
