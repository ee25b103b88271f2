import { useEffect } from 'preact/hooks';

/**
 * The one `h1` of a view. It also names the tab, and receives the focus when the element that had
 * it disappears.
 */
export function PageHeading({ text }: { text: string }) {
  useEffect(() => {
    document.title = `${text} · Event-driven blog`;
  }, [text]);
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
