import type { LiveConnection } from '../live-connection.ts';
import { Countdown } from './countdown.tsx';
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
