import { useMemo } from 'preact/hooks';
import type { Step } from '../src/core/steps.ts';
import type { ActiveFault } from './active-faults.ts';
import { faultText, strikesAt } from './active-faults.ts';
import {
  type Attached,
  type Connection,
  type Line,
  type Picture,
  type PlacedNode,
  type Point,
  Size,
} from './architecture-layout.ts';
import { type HopFigures, hopFigures, stepsByHop, stepsOn } from './hop-figures.ts';
import { labelLines } from './label-lines.ts';
import { NodeGlyph } from './node-glyph.tsx';
import { labelOf } from './node-labels.ts';
import { linkTo, type Selection } from './selection.ts';

/**
 * The delay in milliseconds from one lit hop to the next. Hops that are passed at the same time
 * light up one after another, so that the eye can follow.
 */
const LIT_AFTER_MS = 110;

interface PictureProps {
  picture: Picture;
  /** The trace whose path is lit, if any. */
  trace: string | undefined;
  steps: readonly Step[];
  faults: readonly ActiveFault[];
  /** The number of messages in each queue, by the ID of its node. */
  waiting: ReadonlyMap<string, number>;
  selection: Selection;
}

/**
 * Renders the architecture with the path of one trace lit. Each hop links to its figures and
 * faults.
 */
export function ArchitecturePicture(props: PictureProps) {
  const { picture, trace, steps } = props;
  const byHop = useMemo(() => stepsByHop(steps), [steps]);
  const selectedStep = steps.find(({ id }) => id === props.selection.step);
  const described = (connection: Connection): DescribedConnection => {
    const passing = stepsOn(connection.hops, byHop);
    return {
      connection,
      figures: hopFigures(passing),
      isBroken: passing.at(-1)?.outcome === 'failed',
      order: passing[0]?.id ?? 0,
      faults: props.faults.filter((fault) => connection.hops.some(({ hop }) => strikesAt(fault, hop))),
      isSelected:
        connection.key === props.selection.connection ||
        (selectedStep !== undefined && passing.includes(selectedStep)),
      waiting: connection.hops.reduce((sum, { to }) => sum + (props.waiting.get(to) ?? 0), 0),
      link: linkTo({ trace: props.selection.trace, connection: connection.key }),
    };
  };
  const lines = picture.lines.map((line) => ({ line, ...described(line) }));
  const ranks = rankOf(lines.filter(({ figures }) => figures.passed > 0));
  const touched = new Set(
    steps.flatMap(({ from, to, kind }) => (kind === 'unmatched' ? [from] : [from, to])),
  );
  return (
    <svg
      class="picture"
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      aria-labelledby="picture-title picture-text"
    >
      <title id="picture-title">The architecture</title>
      <desc id="picture-text">
        From left to right, each hop a link to its figures and faults:{' '}
        {picture.lines.map(({ label }) => label).join(', ')}.
      </desc>
      {lines.map(({ line, ...rest }) => (
        <LineOfHops key={`${trace} ${line.key}`} line={line} rank={ranks.get(line.key) ?? 0} {...rest} />
      ))}
      {picture.nodes.map((placed) => (
        <NodeIcon
          key={placed.key}
          placed={placed}
          isTouched={touched.has(placed.node.id)}
          attached={placed.attached.map((attached) => ({ attached, ...described(attached) }))}
        />
      ))}
    </svg>
  );
}

interface DescribedConnection {
  connection: Connection;
  figures: HopFigures;
  /** Whether the last pass failed. */
  isBroken: boolean;
  /** The ID of its first step, which is lower for a line that was passed earlier. */
  order: number;
  faults: readonly ActiveFault[];
  isSelected: boolean;
  waiting: number;
  link: string;
}

/** Returns the rank of each line in the order in which they were passed, by its key. */
function rankOf(lines: (DescribedConnection & { line: Line })[]): Map<string, number> {
  return new Map(lines.toSorted((a, b) => a.order - b.order).map(({ line }, rank) => [line.key, rank]));
}

function LineOfHops({ line, rank, ...described }: DescribedConnection & { line: Line; rank: number }) {
  const { figures, faults, link } = described;
  const path = curve(line.points);
  const [end, middle] = [line.points.at(-1), line.points[Math.floor(line.points.length / 2)]];
  if (!end || !middle) return null;
  return (
    <a class={classOf('hops', described)} href={link} aria-label={textOf(described)}>
      <title>{textOf(described)}</title>
      <path class="reach" d={path} />
      <path class="line" d={path} />
      <path class="head" d={`M${end.x + 1} ${end.y}l-7-4v8z`} />
      {figures.passed > 0 && (
        <path class="pulse" d={path} pathLength={1} style={{ animationDelay: `${rank * LIT_AFTER_MS}ms` }} />
      )}
      {figures.passed > 0 && <Count x={middle.x} y={middle.y} figures={figures} />}
      {faults.length > 0 && (
        <FaultMark x={middle.x - (figures.passed > 0 ? countWidth(figures) / 2 + 8 : 0)} y={middle.y} />
      )}
    </a>
  );
}

function Count({ x, y, figures }: Point & { figures: HopFigures }) {
  const width = countWidth(figures);
  return (
    <g class="count" transform={`translate(${x} ${y})`}>
      <rect x={-width / 2} y={-8} width={width} height={16} rx={8} />
      <text y={4}>{countText(figures)}</text>
    </g>
  );
}

function FaultMark({ x, y }: Point) {
  return (
    <g class="fault-mark" transform={`translate(${x} ${y})`}>
      <circle r={8} />
      <path d="M1.5-6l-5 7h3l-1 5 5-7h-3z" />
    </g>
  );
}

function NodeIcon({
  placed: { node, x, y },
  isTouched,
  attached,
}: {
  placed: PlacedNode;
  isTouched: boolean;
  attached: (DescribedConnection & { attached: Attached })[];
}) {
  const half = Size.icon / 2;
  const isCircle = node.kind === 'client' || node.kind === 'mail';
  const lines = labelLines(labelOf(node));
  return (
    <g class={`node ${node.kind}${isTouched ? ' touched' : ''}`}>
      <title>{node.label}</title>
      <rect
        class="icon"
        x={x - half}
        y={y - half}
        width={Size.icon}
        height={Size.icon}
        rx={isCircle ? half : 11}
      />
      <NodeGlyph kind={node.kind} x={x} y={y} size={25} />
      {lines.map((text, index) => (
        <text key={text} x={x} y={y + half + 12 + index * 11}>
          {text}
        </text>
      ))}
      {attached.map((described, index) => (
        <AttachedConnection
          key={described.connection.key}
          x={x + (index - (attached.length - 1) / 2) * 25}
          y={y + half + 12 + lines.length * 11 + 3}
          {...described}
        />
      ))}
    </g>
  );
}

const attachedGlyphs = { queues: 'queue', replays: 'rule', tables: 'table' } as const;

function AttachedConnection({
  x,
  y,
  attached: { kind },
  ...described
}: DescribedConnection & Point & { attached: Attached }) {
  const { faults, link, waiting } = described;
  const width = 22;
  return (
    <a
      class={`${classOf('attached', described)} ${kind}${waiting > 0 ? ' filled' : ''}`}
      href={link}
      aria-label={textOf(described)}
    >
      <title>{textOf(described)}</title>
      <rect class="box" x={x - width / 2} y={y - 8} width={width} height={16} rx={4} />
      {waiting > 0 ? (
        <text class="waiting" x={x} y={y + 4}>
          {waiting}
        </text>
      ) : kind === 'runs' ? (
        <path class="glyph" d={`M${x - 3} ${y - 4}l7 4-7 4z`} />
      ) : (
        <NodeGlyph kind={attachedGlyphs[kind]} x={x} y={y} size={13} />
      )}
      {faults.length > 0 && <FaultMark x={x + 11} y={y - 8} />}
    </a>
  );
}

function countText({ passed, failed }: HopFigures): string {
  return failed > 0 ? `${passed} (${failed} ✗)` : String(passed);
}

function countWidth(figures: HopFigures): number {
  return 9 + 6 * countText(figures).length;
}

function classOf(name: string, { figures, isBroken, faults, isSelected }: DescribedConnection): string {
  return [
    'hop-link',
    name,
    figures.passed > 0 && 'passed',
    figures.running > 0 && 'running',
    figures.failed > 0 && 'retried',
    isBroken && 'broken',
    faults.length > 0 && 'struck',
    isSelected && 'selected',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Describes a connection for a screen reader and as a tooltip. */
function textOf({ connection: { label, hops }, figures, faults, waiting }: DescribedConnection): string {
  const { passed, failed, running, unmatched } = figures;
  return [
    `${label}: ${[...new Set(hops.map(({ name }) => name))].join(', ')}`,
    unmatched > 0 && `${unmatched} events did not match`,
    passed > 0 && `passed ${passed} times, ${failed} failed, ${running} running`,
    waiting > 0 && `${waiting} messages wait`,
    ...faults.map((fault) => `fault: ${faultText(fault)}`),
  ]
    .filter(Boolean)
    .join('; ');
}

/** Returns the path of a curve through the points that is horizontal at each of them. */
function curve([first, ...rest]: Point[]): string {
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
