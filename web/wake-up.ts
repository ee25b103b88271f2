/**
 * Calls back when the browser is online again or the tab visible again: then timers are late, and
 * what failed may succeed. Returns a function that ends the calls.
 */
export function onWakeUp(callback: () => void): () => void {
  const onVisible = () => {
    if (document.visibilityState === 'visible') callback();
  };
  addEventListener('online', callback);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('online', callback);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
