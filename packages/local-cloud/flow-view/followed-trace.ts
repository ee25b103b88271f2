import { useEffect, useRef, useState } from 'preact/hooks';

/** The minimum time in milliseconds for which a trace stays visible when more traces begin. */
const LEAST_SHOWN = 1_000;

/**
 * Follows the newest trace. Returns the ID of a trace, which stays when the local cloud has stopped
 * or dropped it.
 */
export function useFollowedTrace(newest: string | undefined): string | undefined {
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
