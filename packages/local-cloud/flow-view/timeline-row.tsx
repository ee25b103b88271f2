import type { Step } from '../src/core/steps.ts';
import type { StepName } from './node-labels.ts';
import { rowState } from './row-state.ts';
import type { TimelineRow } from './timeline-rows.ts';
import type { TimelineScale } from './timeline-scale.ts';

/** Renders a row of the timeline. */
export function StepRow({
  row,
  name: { caller, rest },
  parentEnd,
  scale,
  latest,
  link,
  isSelected,
  tabIndex,
  onExpand,
}: {
  row: TimelineRow;
  name: StepName;
  /** What the row of the cause says last. The row does not repeat it. */
  parentEnd: string | undefined;
  scale: TimelineScale;
  /** The end of the steps that still run. */
  latest: number;
  link: string;
  isSelected: boolean;
  tabIndex: number;
  onExpand: (isExpanded: boolean) => void;
}) {
  const { kind, depth, isExpanded, steps } = row;
  const { outcome, counts, took, faults } = rowState(row);
  const { kind: stepKind, attempt } = steps[0];
  const canExpand = kind !== 'step';
  return (
    <>
      {canExpand && (
        <button
          type="button"
          class="expand"
          style={{ '--depth': depth }}
          tabIndex={-1}
          aria-label={isExpanded ? 'Fold' : 'Show each'}
          onClick={() => onExpand(!isExpanded)}
        >
          {isExpanded ? '▾' : '▸'}
        </button>
      )}
      <a
        class={`step ${stepKind} ${outcome}`}
        href={link}
        tabIndex={tabIndex}
        aria-current={isSelected ? 'true' : undefined}
        aria-expanded={canExpand ? isExpanded : undefined}
      >
        <span class="name" style={{ '--depth': depth }}>
          <i class="kind" />
          <span class="hop">
            {caller === parentEnd ? <span class="hidden">{caller}</span> : caller}
            {rest}
          </span>
          {counts && <span class={`badge ${outcome}`}>{counts}</span>}
          {attempt > 1 && kind === 'step' && <span class="badge">attempt {attempt}</span>}
          {faults.map((fault) => (
            <span key={fault} class="badge fault">
              ⚡ <span class="word">{fault}</span>
            </span>
          ))}
          {stepKind === 'unwanted' && <span class="badge fault">no rule matched</span>}
          {stepKind === 'unmatched' && <span class="badge quiet">no match</span>}
        </span>
        <span class="track">
          <Bars row={row} scale={scale} latest={latest} />
        </span>
        <span class="took">{took}</span>
      </a>
    </>
  );
}

/** Renders the bar of each attempt; for a group, one bar from the first start to the last end. */
function Bars({ row, scale, latest }: { row: TimelineRow; scale: TimelineScale; latest: number }) {
  const { kind, steps, key } = row;
  if (kind !== 'group')
    return steps.map((step) => (
      <Bar key={step.id} step={step} from={step.startedAt} to={step.endedAt ?? latest} scale={scale} />
    ));
  const { startedAt, endedAt = latest, outcome } = rowState(row);
  return <Bar key={key} step={{ outcome }} from={startedAt} to={endedAt} scale={scale} />;
}

function Bar({
  step,
  from,
  to,
  scale,
}: {
  step: Pick<Step, 'outcome'>;
  from: number;
  to: number;
  scale: TimelineScale;
}) {
  const left = scale.position(from);
  const width = step.outcome === 'running' ? 1 - left : scale.position(to) - left;
  return (
    <span
      class={`bar ${step.outcome}`}
      style={{ left: `${Math.min(left, 0.995) * 100}%`, width: `${Math.max(width, 0.005) * 100}%` }}
    />
  );
}
