import fc from 'fast-check';
import { timelineScale } from '../../flow-view/timeline-scale.ts';

const MINUTE = 60_000;

describe('the scale of a timeline', () => {
  it('is linear if nothing is out of proportion', () => {
    const scale = timelineScale([
      { startedAt: 1_000, endedAt: 1_080 },
      { startedAt: 1_020, endedAt: 1_040 },
    ]);
    expect(scale.gaps).toEqual([]);
    expect([1_000, 1_020, 1_040, 1_080].map(scale.position)).toEqual([0, 0.25, 0.5, 1]);
  });

  it('shortens waits of minutes between steps of milliseconds, and labels them with their length', () => {
    const scale = timelineScale([
      { startedAt: 0, endedAt: 40 },
      { startedAt: MINUTE, endedAt: MINUTE + 40 },
      { startedAt: 3 * MINUTE, endedAt: 3 * MINUTE + 20 },
    ]);
    expect(scale.gaps.map(({ ms }) => ms)).toEqual([MINUTE - 40, 2 * MINUTE - 40]);
    for (const [start, end] of [
      [0, 40],
      [MINUTE, MINUTE + 40],
    ]) {
      const width = scale.position(end ?? 0) - scale.position(start ?? 0);
      expect(width).toBeCloseTo(0.76 * 0.4);
    }
  });

  it('leaves room for the steps beside hundreds of retries', () => {
    const attempts = Array.from({ length: 185 }, (_, attempt) => ({
      startedAt: attempt * 10 * MINUTE,
      endedAt: attempt * 10 * MINUTE + 5,
    }));
    const { gaps } = timelineScale(attempts);
    expect(gaps).toHaveLength(184);
    expect(gaps.reduce((sum, { from, to }) => sum + to - from, 0)).toBeCloseTo(0.5);
  });

  it('shortens the waits of retries whose waits grow step by step', () => {
    const attempts = Array.from({ length: 10 }, (_, attempt) => ({
      startedAt: 1_000 * 2 ** attempt,
      endedAt: 1_000 * 2 ** attempt + 5,
    }));
    expect(timelineScale(attempts).gaps).toHaveLength(9);
  });

  it('shortens nothing while a step runs', () => {
    const request = { startedAt: 0, endedAt: 10 * MINUTE };
    const steps = [1, 9 * MINUTE].map((startedAt) => ({ startedAt, endedAt: startedAt + 5 }));
    expect(timelineScale([request, ...steps]).gaps).toEqual([]);
    const later = { startedAt: 500 * MINUTE, endedAt: 500 * MINUTE + 5 };
    expect(timelineScale([request, ...steps, later]).gaps.map(({ ms }) => ms)).toEqual([490 * MINUTE]);
  });

  it('has a position for a single moment, and for none', () => {
    expect(timelineScale([{ startedAt: 5, endedAt: 5 }]).position(5)).toBe(0);
    expect(timelineScale([])).toMatchObject({ gaps: [], runs: [] });
  });

  it('keeps the order of all moments, within the width', () => {
    const span = fc
      .tuple(fc.nat(10 * MINUTE), fc.nat(2 * MINUTE))
      .map(([startedAt, ms]) => ({ startedAt, endedAt: startedAt + ms }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
        const scale = timelineScale(spans);
        const moments = spans.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]).sort((a, b) => a - b);
        const places = moments.map(scale.position);
        for (const [index, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(index === 0 ? 0 : (places[index - 1] ?? 0));
          expect(place).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
