import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { ActiveFault, faultPlace, faultText } from './active-faults.ts';
import { call, messageOf } from './local-api.ts';

const KINDS = ['error', 'throttle', 'delay', 'drop', 'crash', 'duplicate'] as const;
const OFTEN = { once: 'once for each trace', always: 'always', probably: 'with probability' } as const;

/** Renders a form that switches on a fault at one of these hops, and the list of active faults. */
export function FaultsPanel({
  hops,
  faults,
  onChange,
}: {
  hops: readonly string[];
  /** The active faults of all hops. */
  faults: readonly ActiveFault[];
  onChange: () => void;
}) {
  const [hop, setHop] = useState(hops[0] ?? '');
  const [fault, setFault] = useState<string>(KINDS[0]);
  const [often, setOften] = useState<keyof typeof OFTEN>('once');
  const [ms, setMs] = useState(1_000);
  const [probability, setProbability] = useState(0.5);
  const [error, setError] = useState<string>();
  const switchOn = (event: Event): void => {
    event.preventDefault();
    const wanted = {
      hop,
      fault,
      ...(fault === 'delay' && { ms }),
      ...(often === 'once' && { times: 1 }),
      ...(often === 'probably' && { probability }),
    };
    call('POST', '/_local/faults', ActiveFault, wanted).then(
      () => {
        setError(undefined);
        onChange();
      },
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
        <fieldset>
          <legend>What happens</legend>
          {KINDS.map((kind) => (
            <label key={kind}>
              <input type="radio" name="fault" checked={fault === kind} onChange={() => setFault(kind)} />
              {kind}
            </label>
          ))}
        </fieldset>
        {fault === 'delay' && (
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
        <fieldset>
          <legend>How often</legend>
          {(['once', 'always', 'probably'] as const).map((choice) => (
            <label key={choice}>
              <input type="radio" name="often" checked={often === choice} onChange={() => setOften(choice)} />
              {OFTEN[choice]}
            </label>
          ))}
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
        </fieldset>
        <button type="submit">Switch on</button>
        {error !== undefined && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
      </form>
      <ActiveFaults faults={faults} onChange={onChange} />
    </>
  );
}

/**
 * Renders the active faults of all hops, and a button that switches them off. Work that a fault has
 * delayed continues.
 */
export function ActiveFaults({ faults, onChange }: { faults: readonly ActiveFault[]; onChange: () => void }) {
  if (faults.length === 0) return <p class="hint">No fault is switched on.</p>;
  const switchAllOff = (): void => {
    call('DELETE', '/_local/faults', z.array(ActiveFault)).then(onChange, onChange);
  };
  return (
    <div class="active-faults">
      <h3>Switched on</h3>
      <ul>
        {faults.map((fault, index) => (
          <li key={`${index} ${faultPlace(fault)}`}>
            <b>{faultText(fault)}</b> at {faultPlace(fault)}
          </li>
        ))}
      </ul>
      <button type="button" onClick={switchAllOff}>
        Switch all off
      </button>
    </div>
  );
}
