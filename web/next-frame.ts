/** The time in milliseconds after which a change is made in a tab that is not drawn. */
const latest = 250;

/**
 * Calls back before the next frame is drawn, or soon if the tab is hidden and no frames are drawn.
 * Returns a function that cancels the call.
 */
export function onNextFrame(callback: () => void): () => void {
  const run = () => {
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, latest);
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return cancel;
}
