import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowAfterKey, rowWindow } from './row-window.ts';

type Key = string | number;

/**
 * Renders a scrolling list of any length. Only the visible rows and some around them are in the
 * page. The list is one tab stop: arrows, Home, End and the page keys move the focus in it.
 */
export function WindowedRows<Row>({
  label,
  rows,
  rowHeight,
  keyOf,
  current,
  onSideways,
  children,
}: {
  label: string;
  rows: readonly Row[];
  /** In pixels, the same for all rows. */
  rowHeight: number;
  keyOf: (row: Row) => Key;
  /** The row that is the tab stop until another one has had the focus. */
  current?: Key | undefined;
  /** Called when the left or right arrow is pressed on a row. */
  onSideways?: (row: Row, to: 'left' | 'right') => void;
  /** Renders a row with one link that has this `tabIndex`. */
  children: (row: Row, tabIndex: 0 | -1) => ComponentChildren;
}) {
  const { scroller, seen } = useScroller();
  const [focused, setFocused] = useState<Key>();
  /** The index of the row that is to have the focus after the next rendering. */
  const wanted = useRef<number>(undefined);
  const keys = rows.map(keyOf);
  const found = focused === undefined ? -1 : keys.indexOf(focused);
  const stop = found >= 0 ? found : Math.max(0, current === undefined ? 0 : keys.indexOf(current));
  const last = useFocusedIndex(scroller, found);

  useLayoutEffect(() => {
    const lost = last.current >= 0 && focused !== undefined && found < 0;
    const index = wanted.current ?? (lost ? Math.min(last.current, rows.length - 1) : undefined);
    wanted.current = undefined;
    if (index === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[aria-posinset="${index + 1}"] a[tabindex]`);
    row?.focus({ preventScroll: true });
  });

  const moveTo = (index: number): void => {
    wanted.current = index;
    scrollTo(scroller.current, index * rowHeight, rowHeight);
    setFocused(keys[index]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = rows[stop];
    const side = event.key === 'ArrowLeft' ? 'left' : event.key === 'ArrowRight' ? 'right' : undefined;
    const page = Math.max(1, Math.floor(seen.height / rowHeight) - 1);
    const next = rowAfterKey(event.key, stop, rows.length, page);
    if (side && row !== undefined && onSideways) onSideways(row, side);
    else if (next !== undefined) moveTo(next);
    else return;
    event.preventDefault();
  };

  const { first, end } = rowWindow(rows.length, rowHeight, seen.scrolled, seen.height);
  const shown = rows.map((_, index) => index).slice(first, end);
  // The tab stop stays in the page, so that it keeps the focus while the list scrolls.
  if (stop < first) shown.unshift(stop);
  else if (stop >= end && rows.length > 0) shown.push(stop);
  return (
    <div class="windowed" ref={scroller}>
      <ol aria-label={label} style={{ height: `${rows.length * rowHeight}px` }} onKeyDown={onKeyDown}>
        {shown.map((index) => {
          const row = rows[index];
          return (
            row !== undefined && (
              <li
                key={keys[index]}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
                onFocusCapture={() => setFocused(keys[index])}
              >
                {children(row, index === stop ? 0 : -1)}
              </li>
            )
          );
        })}
      </ol>
    </div>
  );
}

/** Returns a ref to the scrolling element, and the part of it that is visible. */
function useScroller() {
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
  return { scroller, seen };
}

/**
 * Returns a ref to the last index of the row with the focus; -1 if the focus is elsewhere. A row
 * that has disappeared with the focus keeps its index.
 */
function useFocusedIndex(scroller: { current: HTMLElement | null }, index: number) {
  const last = useRef(-1);
  useEffect(() => {
    const active = document.activeElement;
    if (scroller.current?.contains(active)) last.current = index;
    else if (active !== document.body) last.current = -1;
  });
  return last;
}

/** Scrolls as little as possible to show a row. */
function scrollTo(scroller: HTMLElement | null, top: number, height: number): void {
  if (!scroller) return;
  const { scrollTop, clientHeight } = scroller;
  if (top < scrollTop) scroller.scrollTop = top;
  else if (top + height > scrollTop + clientHeight) scroller.scrollTop = top + height - clientHeight;
}
