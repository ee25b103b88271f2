import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';

/**
 * Folds a form to its first field. The form opens when a field has the focus, and closes on Escape.
 * @param first the name of the field that stays
 */
export function useFolding(form: RefObject<HTMLFormElement | null>, first: string, startsOpen: boolean) {
  const [isOpen, setOpen] = useState(startsOpen);
  const isClosing = useRef(false);

  function open(): void {
    if (!isClosing.current) setOpen(true);
  }

  function fold(): void {
    setOpen(false);
  }

  /** Closes the form on request. The focused field disappears, so the first one gets the focus. */
  function close(): void {
    isClosing.current = true;
    form.current?.querySelector<HTMLElement>(`[name=${first}]`)?.focus({ preventScroll: true });
    isClosing.current = false;
    fold();
  }

  /** Handles Escape, and Ctrl+Enter and ⌘+Enter, which submit the form. */
  function onKeyDown(event: KeyboardEvent): void {
    // During a composition, these keys are the input method's.
    if (event.isComposing) return;
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.current?.requestSubmit();
    }
  }

  return { isOpen, open, fold, close, onKeyDown };
}
