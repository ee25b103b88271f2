import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Whether the last input came from the keyboard. */
let byKeyboard = false;
for (const type of ['keydown', 'pointerdown'])
  addEventListener(
    type,
    () => {
      byKeyboard = type === 'keydown';
    },
    true,
  );

/**
 * Renders the pane with the details of what is selected. If it is opened by keyboard, it receives
 * the focus. Escape closes it, and the focus returns to the element that opened it.
 */
export function Inspector({
  shown,
  title,
  closed,
  children,
}: {
  /** Identifies what is shown. */
  shown: string | number;
  title: string;
  /** The fragment of the page's address without the selection. */
  closed: string;
  children: ComponentChildren;
}) {
  const pane = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const opener = useRef<Element>(null);
  const last = useRef<string | number>(undefined);
  useEffect(() => {
    if (last.current === shown) return;
    last.current = shown;
    const active = document.activeElement;
    pane.current?.scrollIntoView({ block: 'nearest' });
    if (pane.current?.contains(active)) return;
    if (active !== document.body) opener.current = active;
    if (byKeyboard) heading.current?.focus();
  }, [shown]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || isEdited(event.target)) return;
      event.preventDefault();
      location.hash = closed;
      focusAgain(opener.current);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [closed]);
  return (
    <section class="pane inspector" ref={pane} aria-labelledby="inspector-title">
      <header>
        <h2 id="inspector-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <a href={closed} aria-label="Close" title="Close (Escape)" onClick={() => focusAgain(opener.current)}>
          ✕
        </a>
      </header>
      <div class="content">{children}</div>
    </section>
  );
}

/** Focuses the element that opened the pane, or the timeline if the element is gone. */
function focusAgain(opener: Element | null): void {
  const element = opener?.isConnected ? opener : document.querySelector('.chosen a[tabindex="0"]');
  if (element instanceof HTMLElement || element instanceof SVGElement) element.focus();
}

/** Returns whether Escape has a meaning of its own there, or would lose what was typed. */
function isEdited(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
