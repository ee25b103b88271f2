import { useEffect } from 'preact/hooks';

/** The one `h1` of a view, which also names the browser's tab, and gets the focus when what had it goes. */
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

/** Moves the focus to the heading, and leaves the page where it is scrolled to. */
export function focusHeading(): void {
  document.querySelector('h1')?.focus({ preventScroll: true });
}
