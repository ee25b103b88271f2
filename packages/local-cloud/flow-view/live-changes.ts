import { useEffect, useState } from 'preact/hooks';
import { ChangedTraces, Topic } from '../src/core/steps.ts';
import {
  afterChanges,
  afterConnecting,
  type ChangeVersions,
  notConnected,
  versionOf,
} from './change-versions.ts';

export interface LiveChanges {
  state: 'connecting' | 'live' | 'reconnecting';
  /**
   * Returns a text that differs when the resource of a topic, or the trace with an ID, has changed;
   * `undefined` before the page has connected for the first time.
   */
  version(name: string): string | undefined;
}

/** When to connect again if the browser does not do so by itself. */
const RECONNECT_MS = 1_000;

/**
 * Follows the changes in the local cloud by server-sent events. After an interruption everything
 * counts as changed, because the local cloud may have restarted. A hidden page closes its
 * connection: browsers allow six connections to a server in all tabs together.
 */
export function useLiveChanges(): LiveChanges {
  const [state, setState] = useState<LiveChanges['state']>('connecting');
  const [versions, setVersions] = useState<ChangeVersions>(notConnected);
  useEffect(() => {
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const listen = (): void => {
      source?.close();
      clearTimeout(retry);
      if (document.hidden) return;
      const mine = new EventSource('/_local/flow/events');
      source = mine;
      mine.onopen = () => {
        setState('live');
        setVersions(afterConnecting);
      };
      mine.onerror = () => {
        setState('reconnecting');
        // The browser gives up after e.g. an answer of another program on the port.
        if (mine.readyState === EventSource.CLOSED) retry = setTimeout(listen, RECONNECT_MS);
      };
      for (const topic of Topic.options) {
        mine.addEventListener(topic, ({ data }) => {
          const names = topic === 'traces' ? ChangedTraces.parse(JSON.parse(String(data))).traces : [];
          setVersions((known) => afterChanges(known, [topic, ...names]));
        });
      }
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    return () => {
      clearTimeout(retry);
      document.removeEventListener('visibilitychange', listen);
      source?.close();
    };
  }, []);
  return { state, version: (name) => versionOf(versions, name) };
}
