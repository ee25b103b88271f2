import { useEffect, useState } from 'preact/hooks';
import { TableItems } from '../src/core/node-contents.ts';
import { counted } from './counted.ts';
import { call, messageOf } from './local-api.ts';

/** The time without typing after which a search begins, in milliseconds. */
const PAUSE_MS = 250;

/** Renders the items of a table, page by page, and a search by key. */
export function TableItemsPane({ path }: { path: string }) {
  const [search, setSearch] = useState('');
  /** Where the pages so far began; the last one is shown. */
  const [starts, setStarts] = useState<readonly (string | undefined)[]>([undefined]);
  const [reads, setReads] = useState(0);
  const [page, setPage] = useState<TableItems>();
  const [error, setError] = useState<string>();
  const after = starts.at(-1);
  useEffect(() => {
    let isWanted = true;
    const read = (): void => {
      const query = new URLSearchParams({ search, ...(after !== undefined && { after }) });
      call('GET', `${path}?${query}`, TableItems).then(
        (next) => {
          if (!isWanted) return;
          setPage(next);
          setError(undefined);
        },
        (reason: unknown) => isWanted && setError(messageOf(reason)),
      );
    };
    const timer = setTimeout(read, search === '' ? 0 : PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [path, search, after, reads]);
  const next = page?.next;
  return (
    <section aria-label="Items">
      <h3>Items</h3>
      <div class="actions">
        <input
          type="search"
          aria-label="Find items by their key"
          placeholder="Find by key"
          value={search}
          onInput={({ currentTarget }) => {
            setSearch(currentTarget.value);
            setStarts([undefined]);
          }}
        />
        <button type="button" onClick={() => setReads(reads + 1)}>
          Read again
        </button>
      </div>
      {error !== undefined && <p class="error">{error}</p>}
      {page && page.items.length === 0 && (
        <p class="note">
          {search === ''
            ? 'The table has no more items.'
            : `None of ${counted(page.read, 'item')} has this key.`}
        </p>
      )}
      {page?.items.map(({ key, text }) => (
        <details key={key}>
          <summary>{key}</summary>
          <pre>{text}</pre>
        </details>
      ))}
      <div class="actions">
        {starts.length > 1 && (
          <button type="button" onClick={() => setStarts(starts.slice(0, -1))}>
            Previous page
          </button>
        )}
        {next !== undefined && (
          <button type="button" onClick={() => setStarts([...starts, next])}>
            Next page
          </button>
        )}
      </div>
    </section>
  );
}
