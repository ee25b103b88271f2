import { useState } from 'preact/hooks';
import type { TraceSummary } from '../src/core/steps.ts';
import { counted } from './counted.ts';
import { durationText } from './duration.ts';
import { linkTo } from './selection.ts';
import { traceState, withText } from './trace-summaries.ts';
import { WindowedRows } from './windowed-rows.tsx';

const ROW = 46;

/** Renders the list of the newest traces. */
export function TraceList({
  traces,
  shown,
  follows,
}: {
  traces: readonly TraceSummary[];
  shown: string | undefined;
  /** Whether the page follows the newest trace. */
  follows: boolean;
}) {
  const [text, setText] = useState('');
  const found = withText(traces, text);
  return (
    <section class="pane traces" aria-labelledby="traces-title">
      <header>
        <h2 id="traces-title">Traces</h2>
        {follows ? (
          <span class="following">following the newest</span>
        ) : (
          <a href={linkTo({})}>follow the newest</a>
        )}
      </header>
      <label class="filter">
        <span class="hidden">Show only traces with this text</span>
        <input
          type="search"
          placeholder="Filter: title, state, id"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {found.length === 0 && <p class="hint">{text ? `No trace contains “${text}”.` : 'No traces yet.'}</p>}
      <WindowedRows label="Newest first" rows={found} rowHeight={ROW} keyOf={({ trace }) => trace}>
        {(summary) => <TraceRow summary={summary} isShown={summary.trace === shown} />}
      </WindowedRows>
    </section>
  );
}

function TraceRow({ summary, isShown }: { summary: TraceSummary; isShown: boolean }) {
  const { trace, title, startedAt, endedAt, steps } = summary;
  const state = traceState(summary);
  return (
    <a class="trace" href={linkTo({ trace })} aria-current={isShown ? 'true' : undefined}>
      <span class={`state ${state.replace(' ', '-')}`} />
      <span class="title">{title}</span>
      <span class="facts">
        <time dateTime={new Date(startedAt).toISOString()}>{timeOfDay.format(startedAt)}</time>
        <span>{steps} steps</span>
        {endedAt !== undefined && <span>{durationText(endedAt - startedAt)}</span>}
        <b class={state.replace(' ', '-')}>{stateText(summary)}</b>
      </span>
    </a>
  );
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function stateText(summary: TraceSummary): string {
  const state = traceState(summary);
  if (state === 'dead letters') return counted(summary.deadLetters, 'dead letter');
  if (state === 'unwanted') return `${counted(summary.unwanted, 'event')} without a rule`;
  return state === 'failed' ? counted(summary.failed, 'failure') : state;
}
