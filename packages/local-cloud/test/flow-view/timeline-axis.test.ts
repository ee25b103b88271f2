import fc from 'fast-check';
import { axisTicks, gapLabels } from '../../flow-view/timeline-axis.ts';
import { timelineScale } from '../../flow-view/timeline-scale.ts';

const MINUTE = 60_000;
const texts = (labels: readonly { text: string }[]) => labels.map(({ text }) => text);

/** More than the font of the axis takes for a character. */
const CHARACTER = 6.5;

describe('the axis of a timeline', () => {
  it('has as many ticks as fit', () => {
    const { runs } = timelineScale([{ startedAt: 1_000, endedAt: 1_080 }]);
    expect(texts(axisTicks(runs, 500))).toEqual(['0 ms', '20 ms', '40 ms', '60 ms']);
    expect(texts(axisTicks(runs, 140))).toEqual(['0 ms']);
    expect(axisTicks(runs, 0)).toEqual([]);
  });

  it('labels the gaps, and the time after each', () => {
    const { runs, gaps } = timelineScale([
      { startedAt: 0, endedAt: 40 },
      { startedAt: MINUTE, endedAt: MINUTE + 40 },
    ]);
    expect(texts(gapLabels(gaps, 600))).toEqual(['1 min']);
    expect(texts(axisTicks(runs, 600))).toEqual(['0 ms', '20 ms', '40 ms', '1 min', '+20 ms']);
  });

  it('never overlaps, whatever the width', () => {
    const span = fc
      .tuple(fc.nat(10 * MINUTE), fc.nat(2 * MINUTE))
      .map(([startedAt, ms]) => ({ startedAt, endedAt: startedAt + ms }));
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 3_000 }),
        (spans, width) => {
          const { runs, gaps } = timelineScale(spans);
          let free = 0;
          for (const { at, text } of axisTicks(runs, width)) {
            expect(at * width).toBeGreaterThanOrEqual(free);
            free = at * width + text.length * CHARACTER;
            expect(free).toBeLessThanOrEqual(width);
          }
          free = 0;
          for (const { at, text } of gapLabels(gaps, width)) {
            const half = (text.length * CHARACTER) / 2;
            expect(at * width - half).toBeGreaterThanOrEqual(free);
            free = at * width + half;
          }
        },
      ),
    );
  });
});
