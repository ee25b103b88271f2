const TARGETS = [
  ['Skip to the traces', '.traces .windowed [tabindex="0"]'],
  ['Skip to the timeline', '.chosen .windowed [tabindex="0"]'],
  ['Skip to the picture', '.picture [tabindex="0"]'],
] as const;

/**
 * Renders buttons that move the focus to the parts of the page. They are visible while they have
 * the focus. They are not links: the fragment of the address is the selection.
 */
export function SkipLinks() {
  return (
    <nav class="skip-links" aria-label="Skip">
      {TARGETS.map(([text, selector]) => (
        <button
          key={text}
          type="button"
          onClick={() => document.querySelector<HTMLElement | SVGElement>(selector)?.focus()}
        >
          {text}
        </button>
      ))}
    </nav>
  );
}
