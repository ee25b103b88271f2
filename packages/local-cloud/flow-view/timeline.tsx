import { useMemo, useState } from 'preact/hooks';
import type { Trace } from '../src/core/steps.ts';
import { useElementWidth } from './element-width.ts';
import { stepName } from './node-labels.ts';
import { linkTo } from './selection.ts';
import { axisTicks, gapLabels } from './timeline-axis.ts';
import { StepRow } from './timeline-row.tsx';
import { type TimelineRow, timelineRows } from './timeline-rows.ts';
import { type TimelineScale, timelineScale } from './timeline-scale.ts';
import { WindowedRows } from './windowed-rows.tsx';

const ROW = 23;

/**
 * Renders a trace with one row for each step, under its cause. Retries are in the row of their first
 * attempt, and many equal steps in one row; such rows can be expanded. A bar shows when a step began
 * and how long it took.
 */
export function Timeline({
  trace,
  labels,
  selected,
}: {
  trace: Trace;
  /** The labels of the nodes, by their IDs. */
  labels: ReadonlyMap<string, string>;
  selected: number | undefined;
}) {
  const { steps } = trace;
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => timelineRows(steps, expanded), [steps, expanded]);
  const latest = Math.max(...steps.map(({ startedAt, endedAt = startedAt }) => endedAt));
  const scale = useMemo(
    () => timelineScale(steps.map(({ startedAt, endedAt = latest }) => ({ startedAt, endedAt }))),
    [steps, latest],
  );
  const expand = ({ key, kind }: TimelineRow, isExpanded: boolean): void => {
    if (kind === 'step') return;
    const others = [...expanded].filter((other) => other !== key);
    setExpanded(new Set(isExpanded ? [...others, key] : others));
  };
  const isSelected = (row: TimelineRow): boolean =>
    !row.isExpanded && row.steps.some(({ id }) => id === selected);
  return (
    <div class="timeline">
      <Axis scale={scale} />
      {trace.leftOut > 0 && <p class="hint">{trace.leftOut} more steps were not recorded.</p>}
      <WindowedRows
        label={`Steps of ${trace.title}`}
        rows={rows}
        rowHeight={ROW}
        keyOf={({ key }) => key}
        current={rows.find(isSelected)?.key}
        onSideways={(row, to) => expand(row, to === 'right')}
      >
        {(row, tabIndex) => (
          <StepRow
            row={row}
            name={stepName(row.steps[0], labels)}
            parentEnd={row.parent && stepName(row.parent, labels).end}
            scale={scale}
            latest={latest}
            link={linkTo({ trace: trace.trace, step: stepToShow(row) })}
            isSelected={isSelected(row)}
            tabIndex={tabIndex}
            onExpand={(isExpanded) => expand(row, isExpanded)}
          />
        )}
      </WindowedRows>
    </div>
  );
}

/** Returns the ID of the step that explains a row best: the last that failed, or the last. */
function stepToShow({ steps }: TimelineRow): number {
  const step = steps.findLast(({ outcome }) => outcome === 'failed') ?? steps.at(-1) ?? steps[0];
  return step.id;
}

function Axis({ scale }: { scale: TimelineScale }) {
  const [track, width] = useElementWidth<HTMLDivElement>();
  const ticks = useMemo(() => axisTicks(scale.runs, width), [scale, width]);
  return (
    <>
      <div class="axis" aria-hidden="true">
        <span>step</span>
        <div class="track" ref={track}>
          {gapLabels(scale.gaps, width).map(({ at, text }) => (
            <span key={at} class="gap" style={{ left: `${at * 100}%` }}>
              {text}
            </span>
          ))}
          {ticks.map(({ at, text }) => (
            <span key={at} class="tick" style={{ left: `${at * 100}%` }}>
              {text}
            </span>
          ))}
        </div>
        <span class="took">took</span>
      </div>
      <div class="grid" aria-hidden="true">
        {ticks.map(({ at }) => (
          <i key={at} class="even" style={{ left: `${at * 100}%` }} />
        ))}
        {scale.gaps.map(({ from, to }) => (
          <i
            key={from}
            class="shortened"
            style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
          />
        ))}
      </div>
    </>
  );
}
