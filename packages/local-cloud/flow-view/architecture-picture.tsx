import { useMemo } from 'preact/hooks';
import type { HopTraffic, Step } from '../src/core/steps.ts';
import type { ActiveFault } from './active-faults.ts';
import {
  type Attached,
  type Line,
  type Picture,
  type PlacedNode,
  type Point,
  Size,
} from './architecture-layout.ts';
import { curvePath } from './curve.ts';
import { classOf, type DescribedConnection, describedText, describer } from './described-connection.ts';
import { trafficDescriber } from './described-traffic.ts';
import { groupBy } from './group-by.ts';
import { stepsByHop } from './hop-figures.ts';
import { labelLines } from './label-lines.ts';
import { AttachedSize, attachedPlace, baselineOf } from './node-geometry.ts';
import { NodeGlyph } from './node-glyph.tsx';
import { labelOf } from './node-labels.ts';
import { usePictureFocus } from './picture-focus.ts';
import { PictureMarks, unwantedText } from './picture-marks.tsx';
import { linkTo, type Selection } from './selection.ts';

/**
 * The delay in milliseconds from one lit hop to the next. Hops that are passed at the same time
 * light up one after another, so that the eye can follow.
 */
const LIT_AFTER_MS = 110;

const NO_STEPS: readonly Step[] = [];

interface PictureProps {
  picture: Picture;
  /** The trace whose path is lit, if any. */
  trace: string | undefined;
  steps: readonly Step[];
  /** What has passed in the last minutes, to be shown instead of the trace. */
  traffic?: readonly HopTraffic[] | undefined;
  faults: readonly ActiveFault[];
  /** The number of messages in each queue, by the ID of its node. */
  waiting: ReadonlyMap<string, number>;
  selection: Selection;
}

/**
 * Renders the architecture with the path of one trace lit, or the traffic of the last minutes. Each
 * hop links to its figures and faults, and each node to what is in it.
 */
export function ArchitecturePicture(props: PictureProps) {
  const { picture, trace, traffic } = props;
  const steps = traffic ? NO_STEPS : props.steps;
  const byHop = useMemo(() => stepsByHop(steps), [steps]);
  const selectedStep = steps.find(({ id }) => id === props.selection.step);
  const describe = traffic
    ? trafficDescriber(traffic, props.faults, props.waiting)
    : describer({ ...props, byHop, selectedStep });
  const lines = picture.lines.map((line) => ({ line, ...describe(line) }));
  const attached = picture.nodes.flatMap((node) => node.attached.map(describe));
  const described = new Map([...lines, ...attached].map((one) => [one.connection.key, one]));
  const unwanted = countedUnwanted(steps);
  const passed = lines.filter(({ figures }) => figures.passed > 0);
  // What passes all the time is lit at once.
  const ranks = rankOf(traffic ? [] : passed);
  const touched = new Set([
    ...(traffic ? passed : []).flatMap(({ line }) => line.hops.flatMap(({ from, to }) => [from, to])),
    ...steps.flatMap(({ from, to, kind }) => (kind === 'unmatched' ? [from] : [from, to])),
  ]);
  const { svg, ...focusing } = usePictureFocus(picture, props.selection.connection ?? props.selection.node);
  return (
    <svg
      class="picture"
      ref={svg}
      {...focusing}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      aria-labelledby="picture-title picture-text"
    >
      <title id="picture-title">The architecture</title>
      <desc id="picture-text">
        From left to right, each node a link to what is in it, and each hop to its figures and faults. The
        arrow keys follow the flow: {picture.lines.map(({ label }) => label).join(', ')}.
      </desc>
      {lines.map(({ line, ...rest }) => (
        <LineOfHops
          key={`${traffic ? '' : trace} ${line.key}`}
          line={line}
          rank={ranks.get(line.key) ?? 0}
          {...rest}
        />
      ))}
      {picture.nodes.map((placed) => (
        <NodeIcon
          key={placed.key}
          placed={placed}
          link={linkTo({ trace: props.selection.trace, node: placed.node.id })}
          isSelected={placed.node.id === props.selection.node}
          isTouched={touched.has(placed.node.id)}
          unwanted={unwanted.get(placed.node.id) ?? 0}
          attached={placed.attached.map((attached) => ({
            attached,
            ...describe(attached),
          }))}
        />
      ))}
      <PictureMarks picture={picture} described={described} unwanted={unwanted} />
    </svg>
  );
}

/** Returns the rank of each line in the order in which they were passed, by its key. */
function rankOf(lines: (DescribedConnection & { line: Line })[]): Map<string, number> {
  return new Map(lines.toSorted((a, b) => a.order - b.order).map(({ line }, rank) => [line.key, rank]));
}

/** Returns the number of events that no rule matched, by the ID of the node of their bus. */
function countedUnwanted(steps: readonly Step[]): Map<string, number> {
  const events = steps.filter(({ kind }) => kind === 'unwanted');
  return new Map([...groupBy(events, ({ to }) => to)].map(([bus, { length }]) => [bus, length]));
}

function LineOfHops({ line, rank, ...described }: DescribedConnection & { line: Line; rank: number }) {
  const { figures, link } = described;
  const path = curvePath(line.points);
  const end = line.points.at(-1);
  if (!end) return null;
  return (
    <a
      class={classOf('hops', described)}
      href={link}
      data-key={line.key}
      aria-label={describedText(described)}
    >
      <title>{describedText(described)}</title>
      <path class="reach" d={path} />
      <path class="line" d={path} />
      <path class="head" d={`M${end.x + 1} ${end.y}l-7-4v8z`} />
      {figures.passed > 0 && (
        // As another element, it is animated again.
        <path
          key={described.pulse}
          class="pulse"
          d={path}
          pathLength={1}
          style={{ animationDelay: `${rank * LIT_AFTER_MS}ms` }}
        />
      )}
    </a>
  );
}

function NodeIcon({
  placed,
  link,
  isSelected,
  isTouched,
  unwanted,
  attached,
}: {
  placed: PlacedNode;
  link: string;
  isSelected: boolean;
  isTouched: boolean;
  /** The number of events that no rule matched. */
  unwanted: number;
  attached: (DescribedConnection & { attached: Attached })[];
}) {
  const { node, x, y } = placed;
  const half = Size.icon / 2;
  const isCircle = node.kind === 'client' || node.kind === 'mail';
  const lines = labelLines(labelOf(node));
  // First the text that is shown, which speech control compares, and which can be cut off.
  const name = [...new Set([lines.join(''), node.label])].join(', ');
  const text = unwanted > 0 ? `${node.label}: ${unwantedText(unwanted)}` : node.label;
  return (
    <g class={`node ${node.kind}${isTouched ? ' touched' : ''}${unwanted > 0 ? ' unwanted' : ''}`}>
      <a
        class="node-link"
        data-key={placed.key}
        href={link}
        aria-label={`Inspect ${name}`}
        aria-current={isSelected ? 'true' : undefined}
      >
        <title>{text}</title>
        <rect
          class="icon"
          x={x - half}
          y={y - half}
          width={Size.icon}
          height={Size.icon}
          rx={isCircle ? half : 11}
        />
        <NodeGlyph kind={node.kind} x={x} y={y} size={25} />
        {lines.map((line, index) => (
          <text key={line} x={x} y={baselineOf(placed, index)}>
            {line}
          </text>
        ))}
      </a>
      {attached.map((described, index) => (
        <AttachedConnection key={described.connection.key} {...attachedPlace(placed, index)} {...described} />
      ))}
    </g>
  );
}

const attachedGlyphs = { queues: 'queue', replays: 'rule', tables: 'table' } as const;

function AttachedConnection({
  x,
  y,
  attached: { kind, key },
  ...described
}: DescribedConnection & Point & { attached: Attached }) {
  const { link, waiting } = described;
  const { width, height } = AttachedSize;
  return (
    <a
      class={`${classOf('attached', described)} ${kind}${waiting > 0 ? ' filled' : ''}`}
      href={link}
      data-key={key}
      aria-label={describedText(described)}
    >
      <title>{describedText(described)}</title>
      <rect class="box" x={x - width / 2} y={y - height / 2} width={width} height={height} rx={4} />
      {waiting > 0 ? (
        <text class="waiting" x={x} y={y + 4}>
          {waiting}
        </text>
      ) : kind === 'runs' ? (
        <path class="glyph" d={`M${x - 3} ${y - 4}l7 4-7 4z`} />
      ) : (
        <NodeGlyph kind={attachedGlyphs[kind]} x={x} y={y} size={13} />
      )}
    </a>
  );
}
