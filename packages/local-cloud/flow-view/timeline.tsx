import { useMemo } from 'preact/hooks';
import type { Step, Trace } from '../src/core/steps.ts';
import { durationText } from './duration.ts';
import { stepText } from './node-labels.ts';
import { linkTo } from './selection.ts';
import { stepRows } from './step-tree.ts';
import { type TimelineScale, timelineScale } from './timeline-scale.ts';
import { WindowedRows } from './windowed-rows.tsx';

const ROW = 23;
/** The rightmost position at which a label fits. */
const LAST_LABEL = 0.92;
const INDENT = 7;
const DEEPEST_INDENT = 16;

/**
 * Renders a trace with one row for each step, under its cause. A bar shows when the step began and
 * how long it took.
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
  const rows = useMemo(() => stepRows(steps), [steps]);
  const latest = Math.max(...steps.map(({ startedAt, endedAt = startedAt }) => endedAt));
  const scale = useMemo(
    () => timelineScale(steps.map(({ startedAt, endedAt = latest }) => ({ startedAt, endedAt }))),
    [steps, latest],
  );
  return (
    <div class="timeline">
      <div class="axis" aria-hidden="true">
        <span>step</span>
        <div class="track">
          {scale.gaps.map(({ from, to, ms }) => (
            <span key={from} class="gap" style={{ left: `${((from + to) / 2) * 100}%` }}>
              {durationText(ms)}
            </span>
          ))}
          {scale.ticks.map(({ at, label }) => (
            <span key={at} class="tick" style={{ left: `${at * 100}%` }}>
              {at < LAST_LABEL && label}
            </span>
          ))}
        </div>
        <span class="took">took</span>
      </div>
      <div class="grid" aria-hidden="true">
        {scale.ticks.map(({ at }) => (
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
      {trace.leftOut > 0 && <p class="hint">{trace.leftOut} more steps were not recorded.</p>}
      <WindowedRows
        label={`Steps of ${trace.title}`}
        rows={rows}
        rowHeight={ROW}
        keyOf={({ step }) => step.id}
      >
        {({ step, depth }) => (
          <StepRow
            step={step}
            depth={depth}
            text={stepText(step, labels)}
            scale={scale}
            link={linkTo({ trace: trace.trace, step: step.id })}
            isSelected={step.id === selected}
          />
        )}
      </WindowedRows>
    </div>
  );
}

function StepRow({
  step,
  depth,
  text,
  scale,
  link,
  isSelected,
}: {
  step: Step;
  depth: number;
  text: string;
  scale: TimelineScale;
  link: string;
  isSelected: boolean;
}) {
  const { kind, startedAt, endedAt, outcome, attempt, faults = [] } = step;
  const from = scale.position(startedAt);
  const to = endedAt === undefined ? 1 : scale.position(endedAt);
  return (
    <a class={`step ${kind} ${outcome}`} href={link} aria-current={isSelected ? 'true' : undefined}>
      <span class="name" style={{ paddingLeft: `${Math.min(depth, DEEPEST_INDENT) * INDENT}px` }}>
        <i class="kind" />
        <span class="hop">{text}</span>
        {attempt > 1 && <span class="badge">attempt {attempt}</span>}
        {faults.map((fault) => (
          <span key={fault} class="badge fault">
            ⚡ {fault}
          </span>
        ))}
        {kind === 'unwanted' && <span class="badge fault">no rule matched</span>}
        {kind === 'unmatched' && <span class="badge quiet">no match</span>}
      </span>
      <span class="track">
        <span
          class="bar"
          style={{ left: `${Math.min(from, 0.995) * 100}%`, width: `${Math.max(to - from, 0.005) * 100}%` }}
        />
      </span>
      <span class="took">{tookText(step)}</span>
    </a>
  );
}

function tookText({ startedAt, endedAt, outcome }: Step): string {
  if (endedAt === undefined) return 'running';
  const took = endedAt - startedAt;
  return `${outcome === 'failed' ? 'failed, ' : ''}${took < 1 ? '< 1 ms' : durationText(took)}`;
}
