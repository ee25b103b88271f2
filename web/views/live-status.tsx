import { useEffect, useState } from 'preact/hooks';
import type { LiveConnection } from '../live-connection.ts';
import { RetryButton } from './retry-button.tsx';

const words = { connecting: 'Connecting', live: 'Live', reconnecting: 'Connection lost, reconnecting' };

/** Shows whether updates arrive, and if not, when the next attempt is made. */
export function LiveStatus({ live }: { live: LiveConnection }) {
  const state = live.state.value;
  return (
    <div class={`live-status ${state.status}`}>
      <span role="status">{words[state.status]}</span>
      {state.status === 'reconnecting' && (
        <>
          {state.retryAt !== undefined && <Countdown to={state.retryAt} />}
          <RetryButton isTrying={state.retryAt === undefined} onClick={() => live.check()}>
            Try now
          </RetryButton>
        </>
      )}
    </div>
  );
}

/** Shows the seconds left. Hidden from screen readers, which would read it out every second. */
function Countdown({ to }: { to: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="countdown" aria-hidden="true">
      in {Math.max(0, Math.ceil((to - now) / 1000))} s
    </span>
  );
}
