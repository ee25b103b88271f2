import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusHeading } from './page-heading.tsx';

interface RetryButtonProps {
  /** An attempt is under way. */
  isTrying: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

/** Tries again what failed. It keeps the focus while that is tried, and leaves it to the heading as it goes. */
export function RetryButton({ isTrying, onClick, children }: RetryButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(
    () => () => {
      // The heading may be about to be replaced as well.
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
