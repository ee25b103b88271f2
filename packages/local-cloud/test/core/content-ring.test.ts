import fc from 'fast-check';
import { ContentRing, type Kept } from '../../src/core/content-ring.ts';

it('returns each text, or nothing once newer texts have replaced it', () => {
  const text = fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 40_000 }));
  fc.assert(
    fc.property(fc.array(text, { minLength: 100, maxLength: 400 }), (parts) => {
      const ring = new ContentRing();
      const kept: [Kept, string][] = [];
      for (const [part, times] of parts) {
        const whole = part.repeat(times).slice(0, 200_000).toWellFormed();
        kept.push([ring.keep(whole), whole]);
      }
      const read = kept.map(([where, whole]) => ({ text: ring.read(where), whole }));
      const first = read.findIndex(({ text }) => text !== undefined);
      expect(read.slice(0, first).filter(({ text }) => text !== undefined)).toEqual([]);
      for (const { text, whole } of read.slice(first)) expect(text === whole).toBe(true);
      const newest = read.slice(first).reduce((sum, { whole }) => sum + Buffer.byteLength(whole), 0);
      expect(first === 0 || newest > 6 * 1024 ** 2).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('keeps the beginning of a very long text', () => {
  const ring = new ContentRing();
  const kept = ring.keep('é'.repeat(300_000));
  expect(kept).toEqual({ at: 0, bytes: 2 * 256 * 1024, whole: false });
  expect(ring.read(kept)).toBe('é'.repeat(256 * 1024));
  expect(ring.keep('').whole).toBe(true);
});
