import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ActiveFault } from './active-faults.ts';
import { ActiveFaults } from './active-faults-list.tsx';
import { FAULT_KINDS, type FaultKind, takesTime } from './fault-kinds.ts';
import { call, messageOf } from './local-api.ts';

type Often = 'once' | 'always' | 'probably';

const KINDS: readonly (readonly [FaultKind, string])[] = [
  ['error', 'error'],
  ['throttle', 'throttle'],
  ['delay', 'delay'],
  ['drop', 'drop'],
  ['crash', 'crash'],
  ['duplicate', 'duplicate'],
  ['late', 'late'],
  ['reorder', 'reorder'],
];
const OFTEN: readonly (readonly [Often, string])[] = [
  ['once', 'once for each trace'],
  ['always', 'always'],
  ['probably', 'with probability'],
];

/** Renders a form that switches on a fault at one of these hops, and the list of active faults. */
export function FaultsPanel({
  hops,
  faults,
}: {
  hops: readonly string[];
  /** The active faults of all hops. */
  faults: readonly ActiveFault[];
}) {
  const [hop, setHop] = useState(hops[0] ?? '');
  const [fault, setFault] = useState<FaultKind>('error');
  const [often, setOften] = useState<Often>('once');
  const [ms, setMs] = useState(1_000);
  const [probability, setProbability] = useState(0.5);
  const [error, setError] = useState<string>();
  const switchOn = (event: Event): void => {
    event.preventDefault();
    const wanted = {
      hop,
      fault,
      ...(takesTime(fault) && { ms }),
      ...(often === 'once' && { times: 1 }),
      ...(often === 'probably' && { probability }),
    };
    call('POST', '/_local/faults', ActiveFault, wanted).then(
      () => setError(undefined),
      (reason: unknown) => setError(messageOf(reason)),
    );
  };
  return (
    <>
      <form class="faults" onSubmit={switchOn}>
        <h3>Make it fail</h3>
        {hops.length > 1 && (
          <label class="field">
            Hop
            <select value={hop} onChange={({ currentTarget }) => setHop(currentTarget.value)}>
              {hops.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <Choices legend="What happens" name="fault" choices={KINDS} chosen={fault} onChoice={setFault}>
          <p class="explained" role="status">
            {FAULT_KINDS[fault]}
          </p>
        </Choices>
        {takesTime(fault) && (
          <label class="field">
            Milliseconds
            <input
              type="number"
              min={0}
              value={ms}
              onInput={({ currentTarget }) => setMs(currentTarget.valueAsNumber || 0)}
            />
          </label>
        )}
        <Choices legend="How often" name="often" choices={OFTEN} chosen={often} onChoice={setOften}>
          {often === 'probably' && (
            <input
              type="number"
              aria-label="Probability"
              min={0}
              max={1}
              step={0.05}
              value={probability}
              onInput={({ currentTarget }) => setProbability(currentTarget.valueAsNumber || 0)}
            />
          )}
        </Choices>
        <button type="submit">Switch on</button>
        {error !== undefined && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
      </form>
      <ActiveFaults faults={faults} />
    </>
  );
}

/** Renders radio buttons, each a value and its text, one of them chosen. */
function Choices<Value extends string>({
  legend,
  name,
  choices,
  chosen,
  onChoice,
  children,
}: {
  legend: string;
  name: string;
  choices: readonly (readonly [Value, string])[];
  chosen: Value;
  onChoice: (value: Value) => void;
  children?: ComponentChildren;
}) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {choices.map(([value, text]) => (
        <label key={value}>
          <input type="radio" name={name} checked={chosen === value} onChange={() => onChoice(value)} />
          {text}
        </label>
      ))}
      {children}
    </fieldset>
  );
}
