import { useEffect } from 'preact/hooks';

/** The one `h1` of a view, which also names the browser's tab, and has the focus after a change of the route. */
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
