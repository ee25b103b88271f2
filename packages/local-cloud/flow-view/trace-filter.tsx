import type { ExampleRequest, TraceState } from '../src/core/steps.ts';
import type { ListedTraces } from './listed-traces.ts';
import type { PageOptions } from './page-options.ts';

const chips: readonly (readonly [TraceState, text: string, meaning: string])[] = [
  ['failed', 'Failed', 'at least one of its steps has failed'],
  ['slow', 'Slow', 'took longer than 95 % of the traces that begin alike'],
  ['dead-letters', 'Dead letters', 'led to a dead letter'],
];

/** Renders the fields that choose which traces are listed. */
export function TraceFilter({
  states,
  options,
  onOptions,
  example,
}: {
  states: ListedTraces['states'];
  options: PageOptions;
  onOptions: (changed: Partial<PageOptions>) => void;
  example: ExampleRequest | undefined;
}) {
  const { text, state, everything } = options;
  return (
    <search class="filter" aria-label="Traces">
      <input
        type="search"
        aria-label="Show only traces with this text"
        placeholder="Filter: title, ID, error"
        value={text}
        onInput={({ currentTarget }) => onOptions({ text: currentTarget.value })}
      />
      <div class="chips">
        {chips.map(([name, label, meaning]) => (
          <button
            key={name}
            type="button"
            class={`chip ${name}`}
            aria-pressed={state === name}
            title={meaning}
            onClick={() => onOptions({ state: state === name ? undefined : name })}
          >
            {label} <b>{states[name]}</b>
          </button>
        ))}
      </div>
      {example && (
        <label>
          <input
            type="checkbox"
            checked={everything}
            onChange={({ currentTarget }) => onOptions({ everything: currentTarget.checked })}
          />{' '}
          everything, not only {example.method} {example.path}
        </label>
      )}
    </search>
  );
}
