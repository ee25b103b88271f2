import type { Line, Picture, PlacedNode, Point } from './architecture-layout.ts';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

/**
 * Returns the keys of the elements to which an arrow leads from an element of the picture, the best
 * first. Right and left follow the flow: from a node along a line to the next node. Up and down lead
 * to the neighbours: the other lines and the attached connections of a node.
 */
export function placesTo(picture: Picture, key: string, arrow: Arrow): string[] {
  const { nodes, lines } = picture;
  const line = lines.find((one) => one.key === key);
  if (line) return fromLine(picture, line, arrow);
  const node = nodes.find((one) => one.key === key);
  if (node) return fromNode(picture, node, arrow);
  const owner = nodes.find(({ attached }) => attached.some((one) => one.key === key));
  return owner ? fromAttached(picture, owner, key, arrow) : [];
}

/** Returns the keys of all elements, from left to right. */
export function allPlaces({ nodes, lines }: Picture): string[] {
  const places = [
    ...nodes.flatMap(({ key, x, y, attached }) => [
      { key, x, y },
      ...attached.map((one) => ({ key: one.key, x, y })),
    ]),
    ...lines.map((line) => ({ key: line.key, ...middleOf(line) })),
  ];
  return places.sort((a, b) => a.x - b.x || a.y - b.y).map(({ key }) => key);
}

function fromLine(picture: Picture, line: Line, arrow: Arrow): string[] {
  const { source, target, key } = line;
  if (arrow === 'ArrowRight') return [target, ...besides(picture, target)];
  if (arrow === 'ArrowLeft') return [source, ...linesTo(picture, source)];
  const down = arrow === 'ArrowDown';
  const [siblings, others] = [besides(picture, source), linesTo(picture, target)];
  return [...along(siblings, key, down), ...along(others, key, down), ...nearest(picture, key, down)];
}

function fromNode(picture: Picture, { key, attached }: PlacedNode, arrow: Arrow): string[] {
  if (arrow === 'ArrowRight') return linesFrom(picture, key);
  if (arrow === 'ArrowLeft') return linesTo(picture, key);
  const own = arrow === 'ArrowDown' ? attached.map((one) => one.key) : [];
  return [...own, ...nearest(picture, key, arrow === 'ArrowDown')];
}

function fromAttached(picture: Picture, owner: PlacedNode, key: string, arrow: Arrow): string[] {
  const row = owner.attached.map((one) => one.key);
  if (arrow === 'ArrowRight') return along(row, key, true);
  if (arrow === 'ArrowLeft') return along(row, key, false);
  if (arrow === 'ArrowUp')
    return [owner.key, ...linesFrom(picture, owner.key).toReversed(), ...linesTo(picture, owner.key)];
  return nearest(picture, owner.key, true);
}

/** Returns what leaves a node: its lines from top to bottom, and its attached connections. */
function besides(picture: Picture, node: string): string[] {
  const attached = picture.nodes.find(({ key }) => key === node)?.attached ?? [];
  return [...linesFrom(picture, node), ...attached.map(({ key }) => key)];
}

function linesFrom({ lines }: Picture, node: string): string[] {
  return fromTop(lines.filter(({ source }) => source === node)).map(({ key }) => key);
}

function linesTo({ lines }: Picture, node: string): string[] {
  return fromTop(lines.filter(({ target }) => target === node)).map(({ key }) => key);
}

function fromTop(lines: readonly Line[]): Line[] {
  return lines.toSorted((a, b) => middleOf(a).y - middleOf(b).y);
}

/** Returns the keys after or before one, the next first. */
function along(keys: readonly string[], key: string, forward: boolean): string[] {
  const index = keys.indexOf(key);
  return forward ? keys.slice(index + 1) : keys.slice(0, Math.max(0, index)).toReversed();
}

/** Returns the nodes and lines below or above an element, the nearest first. */
function nearest({ nodes, lines }: Picture, key: string, below: boolean): string[] {
  const places = [
    ...nodes.map(({ key, x, y }) => ({ key, x, y })),
    ...lines.map((line) => ({ key: line.key, ...middleOf(line) })),
  ];
  const from = places.find((place) => place.key === key);
  if (!from) return [];
  return places
    .map((place) => ({ ...place, dx: Math.abs(place.x - from.x), dy: (place.y - from.y) * (below ? 1 : -1) }))
    .filter(({ dy }) => dy > 0)
    .sort((a, b) => 2 * a.dx + a.dy - (2 * b.dx + b.dy))
    .map(({ key }) => key);
}

function middleOf({ points }: Line): Point {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return { x: 0, y: 0 };
  return { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
}
