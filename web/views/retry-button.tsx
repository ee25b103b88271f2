import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusHeading } from './page-heading.tsx';

interface RetryButtonProps {
  /** Whether an attempt is in progress. */
  isTrying: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

/**
 * Retries what failed. It keeps the focus during the retry, and passes it to the heading when it
 * disappears.
 */
export function RetryButton({ isTrying, onClick, children }: RetryButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(
    () => () => {
      // The heading may be replaced in the same update.
      if (document.activeElement === button.current) queueMicrotask(focusHeading);
    },
    [],
  );
  return (
    <button
      type="button"
      class="quiet"
      ref={button}
      aria-disabled={isTrying}
      onClick={() => {
        if (!isTrying) onClick();
      }}
    >
      {children}
    </button>
  );
}
