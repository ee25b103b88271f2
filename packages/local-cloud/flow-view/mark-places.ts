import type { Point } from './architecture-layout.ts';

/** A rectangle, by its centre. */
export interface Box extends Point {
  width: number;
  height: number;
}

/** Something to draw at one of several places, the best first. */
export interface Mark {
  key: string;
  width: number;
  height: number;
  candidates: readonly Point[];
}

/** How much worse it is to cover a unit of another mark than one of an obstacle. */
const COVERED_MARK = 20;

/**
 * Returns the centre of each mark, by its key: the first of its places that covers nothing, or else
 * the place that covers least. Large marks, which are those of failures, have the first choice.
 */
export function markPlaces(marks: readonly Mark[], obstacles: readonly Box[]): Map<string, Point> {
  const placed: Box[] = [];
  const places = new Map<string, Point>();
  for (const mark of marks.toSorted((a, b) => b.width * b.height - a.width * a.height)) {
    let best: { box: Box; covers: number } | undefined;
    for (const { x, y } of mark.candidates) {
      const box = { x, y, width: mark.width, height: mark.height };
      const covers = coveredArea(box, obstacles) + COVERED_MARK * coveredArea(box, placed);
      if (!best || covers < best.covers) best = { box, covers };
      if (covers === 0) break;
    }
    if (!best) continue;
    placed.push(best.box);
    places.set(mark.key, { x: best.box.x, y: best.box.y });
  }
  return places;
}

function coveredArea(box: Box, others: readonly Box[]): number {
  return others.reduce((sum, other) => sum + overlap(box, other), 0);
}

/** Returns the area that two boxes share. */
export function overlap(one: Box, other: Box): number {
  const width = (one.width + other.width) / 2 - Math.abs(one.x - other.x);
  const height = (one.height + other.height) / 2 - Math.abs(one.y - other.y);
  return width > 0 && height > 0 ? width * height : 0;
}
