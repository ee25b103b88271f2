import type { ExampleRequest, TraceSummary } from '../src/core/steps.ts';
import { counted } from './counted.ts';
import { durationText } from './duration.ts';
import type { ListedTraces } from './listed-traces.ts';
import { isFiltered, type PageOptions } from './page-options.ts';
import { linkTo } from './selection.ts';
import { TraceFilter } from './trace-filter.tsx';
import { traceState } from './trace-summaries.ts';
import { WindowedRows } from './windowed-rows.tsx';

const ROW = 46;

const number = new Intl.NumberFormat('en');

/** Renders the list of traces, newest first, with its filter. */
export function TraceList({
  listed,
  shown,
  follows,
  options,
  onOptions,
  example,
}: {
  listed: ListedTraces;
  shown: string | undefined;
  /** Whether the page follows the newest trace. */
  follows: boolean;
  options: PageOptions;
  onOptions: (changed: Partial<PageOptions>) => void;
  example: ExampleRequest | undefined;
}) {
  const { traces, total, states, next, error, showMore } = listed;
  return (
    <section class="pane traces" aria-labelledby="traces-title">
      <header>
        <h2 id="traces-title">Traces</h2>
        <span class="counts">
          {number.format(traces.length)} of {number.format(total)}
        </span>
        {follows ? (
          <span class="following">following the newest</span>
        ) : (
          <a href={linkTo({})}>follow the newest</a>
        )}
      </header>
      <TraceFilter states={states} options={options} onOptions={onOptions} example={example} />
      {error !== undefined && <p class="error">{error}</p>}
      {traces.length === 0 && (
        <p class="hint">{isFiltered(options) ? 'No trace matches.' : 'No traces yet.'}</p>
      )}
      <WindowedRows
        label="Newest first"
        rows={traces}
        rowHeight={ROW}
        keyOf={({ trace }) => trace}
        current={shown}
      >
        {(summary, tabIndex) => (
          <TraceRow summary={summary} isShown={summary.trace === shown} tabIndex={tabIndex} />
        )}
      </WindowedRows>
      {next !== undefined && (
        <button type="button" onClick={showMore}>
          Show more
        </button>
      )}
    </section>
  );
}

function TraceRow({
  summary,
  isShown,
  tabIndex,
}: {
  summary: TraceSummary;
  isShown: boolean;
  tabIndex: number;
}) {
  const { trace, title, startedAt, endedAt, steps } = summary;
  const state = traceState(summary);
  return (
    <a class="trace" href={linkTo({ trace })} tabIndex={tabIndex} aria-current={isShown ? 'true' : undefined}>
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
  if (state === 'unwanted') return 'no rule matched';
  return state === 'failed' ? counted(summary.failed, 'failure') : state;
}
