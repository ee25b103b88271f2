import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { rowWindow } from './row-window.ts';

/**
 * Renders a scrolling list of any length. Only the visible rows and some around them are in the
 * page.
 */
export function WindowedRows<Row>({
  label,
  rows,
  rowHeight,
  keyOf,
  children,
}: {
  label: string;
  rows: readonly Row[];
  /** In pixels, the same for all rows. */
  rowHeight: number;
  keyOf: (row: Row) => string | number;
  children: (row: Row) => ComponentChildren;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ scrolled: 0, height: 600 });
  useEffect(() => {
    const { current } = scroller;
    if (!current) return;
    const look = (): void => setSeen({ scrolled: current.scrollTop, height: current.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', look);
    };
  }, []);
  const { first, end } = rowWindow(rows.length, rowHeight, seen.scrolled, seen.height);
  return (
    <div class="windowed" ref={scroller}>
      <ol aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, end).map((row, index) => (
          <li
            key={keyOf(row)}
            aria-setsize={rows.length}
            aria-posinset={first + index + 1}
            style={{ top: `${(first + index) * rowHeight}px`, height: `${rowHeight}px` }}
          >
            {children(row)}
          </li>
        ))}
      </ol>
    </div>
  );
}
