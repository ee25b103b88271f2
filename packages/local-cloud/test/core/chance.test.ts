import fc from 'fast-check';
import { seededChance } from '../../src/core/chance.ts';

it('depends on seed, hop and occurrence only, and lies in [0, 1)', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.oneof(fc.string(), fc.nat()), (seed, hop, occurrence) => {
      const drawn = seededChance(seed)(hop, occurrence);
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(1);
      const other = seededChance(seed);
      other('something else', 1);
      expect(other(hop, occurrence)).toBe(drawn);
    }),
  );
});

it('differs between seeds, hops and occurrences, and spreads evenly', () => {
  const chance = seededChance('a');
  expect(new Set([chance('h', 1), chance('h', 2), chance('h1', 1), seededChance('b')('h', 1)]).size).toBe(4);
  const draws = Array.from({ length: 1_000 }, (_, occurrence) => chance('h', occurrence));
  expect(draws.filter((draw) => draw < 0.25).length).toBeGreaterThan(200);
  expect(draws.filter((draw) => draw >= 0.75).length).toBeGreaterThan(200);
});
