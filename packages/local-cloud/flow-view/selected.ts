import { useEffect, useState } from 'preact/hooks';
import { type Selection, selectionOf } from './selection.ts';

/** Returns the selection in the page's address, and follows its changes. */
export function useSelection(): Selection {
  const [selection, setSelection] = useState(() => selectionOf(location.hash));
  useEffect(() => {
    const read = (): void => setSelection(selectionOf(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return selection;
}
