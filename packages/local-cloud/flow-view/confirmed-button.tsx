import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Renders a button that asks before it acts. Escape cancels, and so does the button that has the
 * focus then, so that a second Enter changes nothing.
 */
export function ConfirmedButton({
  label,
  name,
  question,
  disabled = false,
  onConfirm,
}: {
  label: string;
  /** What a screen reader says instead of the label. */
  name?: string;
  /** What happens, e.g. `Delete 3 messages?`. */
  question: string;
  disabled?: boolean;
  onConfirm: () => void;
}) {
  const [asks, setAsks] = useState(false);
  const cancelButton = useRef<HTMLButtonElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const cancels = useRef(false);
  useEffect(() => {
    if (asks) cancelButton.current?.focus();
    else if (cancels.current) button.current?.focus();
    cancels.current = false;
  }, [asks]);
  const cancel = (): void => {
    cancels.current = true;
    setAsks(false);
  };
  if (!asks) {
    return (
      <button type="button" ref={button} aria-label={name} disabled={disabled} onClick={() => setAsks(true)}>
        {label}
      </button>
    );
  }
  return (
    <fieldset
      class="confirm"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        cancel();
      }}
    >
      <legend>{question}</legend>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setAsks(false);
          onConfirm();
        }}
      >
        {label}
      </button>
      <button type="button" ref={cancelButton} onClick={cancel}>
        Cancel
      </button>
    </fieldset>
  );
}
