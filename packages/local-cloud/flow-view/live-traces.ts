import { useEffect, useState } from 'preact/hooks';
import { TraceSummaries, type TraceSummary } from '../src/core/steps.ts';
import { call } from './local-api.ts';
import { withChanges, withNewest } from './trace-summaries.ts';

export interface LiveTraces {
  /** Newest first. */
  traces: readonly TraceSummary[];
  state: 'connecting' | 'live' | 'reconnecting';
}

/**
 * The interval in milliseconds at which the whole list is fetched again, which removes traces that
 * the local cloud no longer keeps.
 */
const REFRESH_MS = 10_000;

/**
 * Returns the newest traces, kept up to date by server-sent events. The browser reconnects by
 * itself; the list is then fetched again, because the local cloud may have restarted. A hidden page
 * closes its connection: browsers allow six connections to a server in all tabs together.
 */
export function useLiveTraces(): LiveTraces {
  const [live, setLive] = useState<LiveTraces>({ traces: [], state: 'connecting' });
  useEffect(() => {
    let source: EventSource | undefined;
    const fetchNewest = (): void => {
      call('GET', '/_local/flow/traces', TraceSummaries).then(
        (newest) => setLive(({ traces, state }) => ({ traces: withNewest(traces, newest), state })),
        // If this fails, the events fail too, and the page shows that.
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
