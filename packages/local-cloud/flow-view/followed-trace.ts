import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExampleRequest, TraceSummary } from '../src/core/steps.ts';

/** The minimum time in milliseconds for which a trace stays visible when more traces begin. */
const LEAST_SHOWN = 1_000;

/**
 * Returns the newest trace that begins with the request of the example. Without an example, returns
 * the newest trace. It stays when the local cloud has stopped or dropped it.
 */
export function useFollowedTrace(
  traces: readonly TraceSummary[],
  example: ExampleRequest | undefined,
): string | undefined {
  const request = example && `${example.method} ${example.path}`;
  const newest = traces.find(({ title }) => request === undefined || title.startsWith(request))?.trace;
  const [followed, setFollowed] = useState<string>();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (newest === undefined || newest === followed) return;
    const follow = (): void => {
      since.current = performance.now();
      setFollowed(newest);
    };
    const wait = since.current + LEAST_SHOWN - performance.now();
    if (wait <= 0) {
      follow();
      return;
    }
    const timer = setTimeout(follow, wait);
    return () => clearTimeout(timer);
  }, [newest, followed]);
  return followed;
}
