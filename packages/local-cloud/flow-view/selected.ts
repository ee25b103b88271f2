import { useEffect, useState } from 'preact/hooks';
import { type Selection, selectionOf } from './selection.ts';

/** What the page's address selects, now and whenever a link changes it. */
export function useSelection(): Selection {
  const [selection, setSelection] = useState(() => selectionOf(location.hash));
  useEffect(() => {
    const read = (): void => setSelection(selectionOf(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return selection;
}
