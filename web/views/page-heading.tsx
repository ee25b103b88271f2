import { useEffect } from 'preact/hooks';

/**
 * The one `h1` of a view. It also names the tab, with the number of new posts if there are any, and
 * receives the focus when the element that had it disappears.
 */
export function PageHeading({ text, count = 0 }: { text: string; count?: number }) {
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${text} · Event-driven blog`;
  }, [text, count]);
  return (
    <h1 dir="auto" tabIndex={-1}>
      {text}
    </h1>
  );
}

/** Moves the focus to the heading without scrolling. */
export function focusHeading(): void {
  document.querySelector('h1')?.focus({ preventScroll: true });
}
