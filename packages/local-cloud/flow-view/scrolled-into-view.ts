import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Returns a ref to an element that is scrolled into view whenever `shown` changes. */
export function useScrolledIntoView<T extends Element>(shown: unknown): RefObject<T | null> {
  const element = useRef<T>(null);
  useEffect(() => {
    if (shown !== undefined) element.current?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  return element;
}
