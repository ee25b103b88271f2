import fc from 'fast-check';
import { curvePath, pointsOnCurve } from '../../flow-view/curve.ts';
import { markPlaces, overlap } from '../../flow-view/mark-places.ts';

const icon = { x: 0, y: 0, width: 40, height: 40 };
const size = { width: 50, height: 28 };

describe('the places of marks', () => {
  it('are the first that cover nothing', () => {
    const mark = {
      key: 'one',
      ...size,
      candidates: [
        { x: 10, y: 0 },
        { x: 60, y: 0 },
        { x: 90, y: 0 },
      ],
    };
    expect(markPlaces([mark], [icon]).get('one')).toEqual({ x: 60, y: 0 });
  });

  it('cover as little as possible if all places cover something', () => {
    const mark = {
      key: 'one',
      ...size,
      candidates: [
        { x: 10, y: 0 },
        { x: 40, y: 0 },
        { x: 30, y: 0 },
      ],
    };
    expect(markPlaces([mark], [icon]).get('one')).toEqual({ x: 40, y: 0 });
  });

  it('rather cover an icon than another mark', () => {
    const candidates = [
      { x: 60, y: 0 },
      { x: 30, y: 0 },
    ];
    const places = markPlaces(
      [
        {
          key: 'small',
          width: 16,
          height: 16,
          candidates: [
            { x: 60, y: 0 },
            { x: 25, y: 0 },
          ],
        },
        { key: 'large', ...size, candidates },
      ],
      [icon],
    );
    expect(places.get('large')).toEqual({ x: 60, y: 0 });
    expect(places.get('small')).toEqual({ x: 25, y: 0 });
  });

  it('never overlap if there is room', () => {
    const row = Array.from({ length: 12 }, (_, index) => ({ x: index * 60, y: 0 }));
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(keys, (numbers) => {
        const places = markPlaces(
          numbers.map((key) => ({ key: `${key}`, ...size, candidates: row })),
          [],
        );
        const boxes = [...places.values()].map((place) => ({ ...place, ...size }));
        expect(boxes).toHaveLength(numbers.length);
        for (const [index, box] of boxes.entries())
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(0);
      }),
    );
  });
});

describe('a curve', () => {
  it('has its points on the drawn path', () => {
    const points = pointsOnCurve([
      { x: 0, y: 0 },
      { x: 100, y: 50 },
    ]);
    expect(
      curvePath([
        { x: 0, y: 0 },
        { x: 100, y: 50 },
      ]),
    ).toBe('M0 0C50 0 50 50 100 50');
    expect(points[0]).toEqual({ x: 0, y: 0 });
    expect(points[8]).toEqual({ x: 50, y: 25 });
    expect(points.at(-1)).toEqual({ x: 100, y: 50 });
    expect(pointsOnCurve([])).toEqual([]);
  });
});
