import type { Point } from './architecture-layout.ts';

/** Returns the SVG path of a curve through the points that is horizontal at each of them. */
export function curvePath([first, ...rest]: readonly Point[]): string {
  if (!first) return '';
  let last = first;
  const bends = rest.map((point) => {
    const middle = (last.x + point.x) / 2;
    const bend = `C${middle} ${last.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    last = point;
    return bend;
  });
  return `M${first.x} ${first.y}${bends.join('')}`;
}

/** The number of parts into which each bend is divided. */
const PARTS = 16;

/** Returns points on the same curve, from its beginning to its end. */
export function pointsOnCurve([first, ...rest]: readonly Point[]): Point[] {
  if (!first) return [];
  let last = first;
  const points = rest.flatMap((point) => {
    const from = last;
    last = point;
    return Array.from({ length: PARTS }, (_, index) => onBend(from, point, (index + 1) / PARTS));
  });
  return [first, ...points];
}

/** Returns the point of a cubic Bézier curve whose control points are halfway between its ends. */
function onBend(from: Point, to: Point, part: number): Point {
  const rest = 1 - part;
  const middle = (from.x + to.x) / 2;
  const y = part ** 2 * (3 - 2 * part);
  return {
    x: rest ** 3 * from.x + 3 * rest * part * middle + part ** 3 * to.x,
    y: from.y + y * (to.y - from.y),
  };
}
