import * as fc from 'fast-check';
import { isDeeperThan } from '../../src/core/depth.ts';

/** Returns this many nested objects and lists. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 ? { value } : [0, value, 0];
  return value;
}

it('is the number of nested objects and lists at the deepest point', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), (levels, limit) => {
      expect(isDeeperThan(limit, nested(levels))).toBe(levels > limit);
    }),
  );
});

it.each([
  [0, 'text', false],
  [0, null, false],
  [0, [], true],
  [1, { a: 1, b: [1] }, true],
  [2, { a: 1, b: [1] }, false],
])('over %d: %j is %s', (limit, value, deeper) => {
  expect(isDeeperThan(limit, value)).toBe(deeper);
});

it('is correct for a depth beyond recursion', () => {
  expect(isDeeperThan(1_000, nested(1_000))).toBe(false);
  expect(isDeeperThan(1_000, nested(1_000_000))).toBe(true);
});
