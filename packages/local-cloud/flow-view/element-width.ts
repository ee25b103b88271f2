import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Returns a ref to an element, and its width in pixels; 0 until it is known. */
export function useElementWidth<T extends Element>(): [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
