import { useEffect, useState } from 'preact/hooks';

/** Returns a counter that increases every `ms` milliseconds while the page is visible. */
export function useTicks(ms: number): number {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTicks((count) => count + 1);
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
  return ticks;
}
