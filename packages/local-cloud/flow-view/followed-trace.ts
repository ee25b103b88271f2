import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExampleRequest, TraceSummary } from '../src/core/steps.ts';

/** In milliseconds: a trace stays visible for this long, however many come at once. */
const LEAST_SHOWN = 1_000;

/** Returns the newest trace that an example's request begins, or without an example the newest of all. */
export function useFollowedTrace(
  traces: readonly TraceSummary[],
  example: ExampleRequest | undefined,
): string | undefined {
  const request = example && `${example.method} ${example.path}`;
  const newest = traces.find(({ title }) => request === undefined || title.startsWith(request))?.trace;
  const [followed, setFollowed] = useState<string>();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (newest === followed) return;
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
