import { useRef, useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { ActiveFault, faultPlace, faultText } from './active-faults.ts';
import { call, messageOf } from './local-api.ts';

/**
 * Renders the active faults of all hops, each with a button that switches it off, and a button for
 * all of them. Work that a fault has delayed continues.
 */
export function ActiveFaults({ faults }: { faults: readonly ActiveFault[] }) {
  const [error, setError] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const switchOff = async (path: string): Promise<void> => {
    const refusal = await call('DELETE', path, z.array(ActiveFault)).then(() => undefined, messageOf);
    setError(refusal);
    // The pressed button disappears with its fault.
    list.current?.focus();
  };
  return (
    <div class="active-faults" ref={list} tabIndex={-1}>
      {faults.length === 0 ? (
        <p class="hint">No fault is switched on.</p>
      ) : (
        <>
          <h3>Switched on</h3>
          <ul>
            {faults.map((fault) => (
              <li key={fault.id}>
                <span>
                  <b>{faultText(fault)}</b> at {faultPlace(fault)}
                </span>
                <button
                  type="button"
                  aria-label={`Switch off: ${faultText(fault)} at ${faultPlace(fault)}`}
                  onClick={() => switchOff(`/_local/faults/${fault.id}`)}
                >
                  Switch off
                </button>
              </li>
            ))}
          </ul>
          <button type="button" onClick={() => switchOff('/_local/faults')}>
            Switch all off
          </button>
        </>
      )}
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
