import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PageOptions } from './page-options.ts';

type OnOptions = (changed: Partial<PageOptions>) => void;

/** Shows the picture alone, on the whole screen if the browser allows that. */
export function display(onOptions: OnOptions): void {
  onOptions({ display: true });
  document.documentElement.requestFullscreen?.().catch(() => {});
}

/**
 * Renders the picture alone and large, for a talk, with a caption. Escape and the button leave it.
 * If the page is opened like that by its address, it fills its window.
 */
export function DisplayMode({
  onOptions,
  children: [picture, caption],
}: {
  /** Must stay the same function. */
  onOptions: OnOptions;
  children: [picture: ComponentChild, caption: ComponentChild];
}) {
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') leave(onOptions);
    };
    // While the page fills the screen, the browser itself takes Escape.
    const onChange = (): void => {
      if (!document.fullscreenElement) leave(onOptions);
    };
    addEventListener('keydown', onKey);
    document.addEventListener('fullscreenchange', onChange);
    return () => {
      removeEventListener('keydown', onKey);
      document.removeEventListener('fullscreenchange', onChange);
    };
  }, [onOptions]);
  return (
    <main class="display">
      <h1 class="hidden">Flow view</h1>
      {picture}
      <p class="caption">{caption}</p>
      <button
        type="button"
        class="leave"
        aria-label="Leave the large view"
        title="Escape"
        onClick={() => leave(onOptions)}
      >
        ✕
      </button>
    </main>
  );
}

function leave(onOptions: OnOptions): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  onOptions({ display: false });
}
