import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** For an element that is to be seen whenever what it shows changes, however far down the page it is. */
export function useScrolledIntoView<T extends Element>(shown: unknown): RefObject<T | null> {
  const element = useRef<T>(null);
  useEffect(() => {
    if (shown !== undefined) element.current?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  return element;
}
