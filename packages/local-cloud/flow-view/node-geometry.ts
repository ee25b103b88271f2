import { type PlacedNode, type Point, Size } from './architecture-layout.ts';
import { labelLines } from './label-lines.ts';
import type { Box } from './mark-places.ts';
import { labelOf } from './node-labels.ts';

const HALF = Size.icon / 2;
/** From the icon to the first baseline, and from one baseline to the next. */
const FIRST_LINE = 12;
const LINE = 11;
const CHARACTER = 6.4;

/** The size of an attached connection, and the distance from one to the next. */
export const AttachedSize = { width: 22, height: 16, distance: 25 } as const;

/** Returns the baseline of a line of a node's label. */
export function baselineOf({ y }: Pick<PlacedNode, 'y'>, line: number): number {
  return y + HALF + FIRST_LINE + line * LINE;
}

/** Returns the centre of an attached connection of a node. */
export function attachedPlace(placed: PlacedNode, index: number): Point {
  const lines = labelLines(labelOf(placed.node)).length;
  return {
    x: placed.x + (index - (placed.attached.length - 1) / 2) * AttachedSize.distance,
    y: baselineOf(placed, lines) + 3,
  };
}

/** Returns what a node covers: its icon, its label and its attached connections. */
export function boxesOf(placed: PlacedNode): Box[] {
  const label = labelLines(labelOf(placed.node)).map((text, line) => ({
    x: placed.x,
    y: baselineOf(placed, line) - 4,
    width: text.length * CHARACTER,
    height: LINE,
  }));
  const attached = placed.attached.map((_, index) => ({ ...attachedPlace(placed, index), ...AttachedSize }));
  return [{ x: placed.x, y: placed.y, width: Size.icon, height: Size.icon }, ...label, ...attached];
}
