import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceSummary } from '../src/core/steps.ts';

/** However many posts there are at once, each that is followed can be seen for so many milliseconds. */
const LEAST_SHOWN = 1_000;

/** The newest trace of a post, saved or not; none as long as there is none. */
export function useFollowedTrace(traces: readonly TraceSummary[]): string | undefined {
  const newest = traces.find(({ title }) => title.startsWith('POST /posts'))?.trace;
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
