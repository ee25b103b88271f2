import { type Picture, type PlacedNode, type Point, Size } from './architecture-layout.ts';
import { counted } from './counted.ts';
import { pointsOnCurve } from './curve.ts';
import type { DescribedConnection } from './described-connection.ts';
import { type Mark, markPlaces } from './mark-places.ts';
import { AttachedSize, attachedPlace, boxesOf } from './node-geometry.ts';

/** The sizes of a mark's text, and of the mark of a fault beside it. */
const CHARACTER = 5.9;
const LINE = 12;
const FAULT = 18;

/** A mark, and where its parts are. */
interface DrawnMark extends Mark {
  state: 'passed' | 'failed' | 'unwanted';
  lines: readonly string[];
  hasFault: boolean;
}

/**
 * Renders the counts of passes and the marks of faults. They are above all lines and nodes, at
 * places where they cover as little as possible.
 */
export function PictureMarks({
  picture,
  described,
  unwanted,
}: {
  picture: Picture;
  /** By the key of the connection. */
  described: ReadonlyMap<string, DescribedConnection>;
  /** The number of events that no rule matched, by the ID of a bus. */
  unwanted: ReadonlyMap<string, number>;
}) {
  const marks = [
    ...marksOfBuses(picture, unwanted),
    ...marksOfLines(picture, described),
    ...marksOfAttached(picture, described),
  ];
  const places = markPlaces(marks, picture.nodes.flatMap(boxesOf));
  return (
    <g aria-hidden>
      {marks.map((mark) => {
        const place = places.get(mark.key);
        return place && <ConnectionMark key={mark.key} mark={mark} place={place} />;
      })}
    </g>
  );
}

function ConnectionMark({ mark, place: { x, y } }: { mark: DrawnMark; place: Point }) {
  const { state, lines, hasFault, width, height } = mark;
  const fault = hasFault ? FAULT : 0;
  return (
    <g class={`mark ${state}`} transform={`translate(${x} ${y})`}>
      {lines.length > 0 && (
        <rect x={fault - width / 2} y={-height / 2} width={width - fault} height={height} rx={8} />
      )}
      {lines.map((line, index) => (
        <text key={line} x={fault / 2} y={4 + (index - (lines.length - 1) / 2) * LINE}>
          {line}
        </text>
      ))}
      {hasFault && (
        <g class="fault-mark" transform={`translate(${8 - width / 2} 0)`}>
          <circle r={8} />
          <path d="M1.5-6l-5 7h3l-1 5 5-7h-3z" />
        </g>
      )}
    </g>
  );
}

/** Returns what is said of events that no rule of their bus matched. */
export function unwantedText(count: number): string {
  return unwantedLines(count).join(' ');
}

function unwantedLines(count: number): string[] {
  return [counted(count, 'event'), 'without rule'];
}

function marksOfBuses({ nodes }: Picture, unwanted: ReadonlyMap<string, number>): DrawnMark[] {
  return nodes.flatMap((placed) => {
    const count = unwanted.get(placed.node.id) ?? 0;
    if (count === 0) return [];
    const lines = unwantedLines(count);
    const size = sizeOf(lines, false);
    const beside = (Size.icon + size.width) / 2 + 2;
    const above = (Size.icon + size.height) / 2 + 2;
    const { key, x, y } = placed;
    const candidates = [
      { x, y: y - above },
      { x, y: y + above + 14 },
      { x: x + beside, y },
      { x: x - beside, y },
    ];
    return [{ key, state: 'unwanted', lines, hasFault: false, ...size, candidates }];
  });
}

function marksOfLines({ lines }: Picture, described: ReadonlyMap<string, DescribedConnection>): DrawnMark[] {
  return lines.flatMap(({ key, points }) => {
    const found = described.get(key);
    const mark = found && markOf(found, found.figures.passed > 0);
    return mark ? [{ ...mark, candidates: fromTheMiddle(pointsOnCurve(points)) }] : [];
  });
}

/** Only failures and faults have a mark there: the attached connections are small. */
function marksOfAttached(
  { nodes }: Picture,
  described: ReadonlyMap<string, DescribedConnection>,
): DrawnMark[] {
  return nodes.flatMap((placed) =>
    placed.attached.flatMap(({ key }, index) => {
      const found = described.get(key);
      const mark = found && markOf(found, found.figures.failed > 0);
      if (!mark) return [];
      return [{ ...mark, candidates: aroundAttached(placed, index, mark) }];
    }),
  );
}

/** Returns the places below an attached connection, and beside the whole row of them. */
function aroundAttached(
  placed: PlacedNode,
  index: number,
  { width, height }: Pick<Mark, 'width' | 'height'>,
): Point[] {
  const { x, y } = attachedPlace(placed, index);
  const below = y + (AttachedSize.height + height) / 2;
  const side = ((placed.attached.length - 1) * AttachedSize.distance + AttachedSize.width + width) / 2 + 2;
  const sides = [placed.x + side, placed.x - side];
  return [
    { x, y: below },
    ...sides.map((beside) => ({ x: beside, y })),
    ...sides.map((beside) => ({ x: beside, y: below })),
  ];
}

function markOf(described: DescribedConnection, hasText: boolean): Omit<DrawnMark, 'candidates'> | undefined {
  const lines = hasText ? described.marks : [];
  const hasFault = described.faults.length > 0;
  if (lines.length === 0 && !hasFault) return undefined;
  return {
    key: described.connection.key,
    state: described.figures.failed > 0 ? 'failed' : 'passed',
    lines,
    hasFault,
    ...sizeOf(lines, hasFault),
  };
}

function sizeOf(lines: readonly string[], hasFault: boolean): Pick<Mark, 'width' | 'height'> {
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const text = longest > 0 ? 9 + CHARACTER * longest : 0;
  return { width: text + (hasFault ? FAULT : 0), height: Math.max(16, 4 + LINE * lines.length) };
}

function fromTheMiddle(points: readonly Point[]): Point[] {
  const middle = (points.length - 1) / 2;
  return points
    .map((point, index) => ({ point, distance: Math.abs(index - middle) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ point }) => point);
}
