import { useEffect, useState } from 'preact/hooks';
import { TraceSummaries, type TraceSummary } from '../src/core/steps.ts';
import { call } from './local-api.ts';
import { withChanges, withNewest } from './trace-summaries.ts';

export interface LiveTraces {
  /** Newest first. */
  traces: readonly TraceSummary[];
  state: 'connecting' | 'live' | 'reconnecting';
}

/** How often the list is fetched again as a whole, for what is no longer kept. */
const REFRESH_MS = 10_000;

/**
 * The newest traces, kept up to date by server-sent events. The browser connects again by itself; then the list is fetched
 * anew, as the local cloud may be another one. A page that is hidden listens to nothing: browsers allow a server six
 * connections, in all tabs together.
 */
export function useLiveTraces(): LiveTraces {
  const [live, setLive] = useState<LiveTraces>({ traces: [], state: 'connecting' });
  useEffect(() => {
    let source: EventSource | undefined;
    const fetchNewest = (): void => {
      call('GET', '/_local/flow/traces', TraceSummaries).then(
        (newest) => setLive(({ traces, state }) => ({ traces: withNewest(traces, newest), state })),
        // Without an answer the events end too, which the reader sees.
        () => {},
      );
    };
    const listen = (): void => {
      source?.close();
      if (document.hidden) return;
      source = new EventSource('/_local/flow/events');
      source.onopen = () => {
        setLive({ traces: [], state: 'live' });
        fetchNewest();
      };
      source.onmessage = ({ data }) => {
        const changed = TraceSummaries.parse(JSON.parse(String(data)));
        setLive(({ traces, state }) => ({ traces: withChanges(traces, changed), state }));
      };
      source.onerror = () => setLive(({ traces }) => ({ traces, state: 'reconnecting' }));
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    const timer = setInterval(fetchNewest, REFRESH_MS);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', listen);
      source?.close();
    };
  }, []);
  return live;
}
