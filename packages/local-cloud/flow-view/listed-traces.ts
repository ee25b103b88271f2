import { useState } from 'preact/hooks';
import { TracePage } from '../src/core/steps.ts';
import { useFetched } from './fetched.ts';
import { useLastValue } from './last-value.ts';
import type { PageOptions } from './page-options.ts';

/** The number of traces that are added to the list at a time. */
const PAGE = 200;
const EMPTY: TracePage = { traces: [], total: 0, states: { failed: 0, slow: 0, 'dead-letters': 0 } };

export interface ListedTraces extends TracePage {
  /** The reason why the list could not be read. */
  error?: string | undefined;
  /** Adds older traces to the list. */
  showMore(): void;
}

/**
 * Returns the newest traces that match the options. Until other options have a response, it returns
 * the last one.
 */
export function useListedTraces(
  { text, state, everything }: PageOptions,
  version: string | undefined,
): ListedTraces {
  const [limit, setLimit] = useState(PAGE);
  const query = new URLSearchParams({
    limit: String(limit),
    kind: everything ? 'all' : 'example',
    ...(text && { text }),
    ...(state && { state }),
  });
  const { value, error } = useFetched(`/_local/flow/traces?${query}`, TracePage, version);
  const page = useLastValue(value) ?? EMPTY;
  return { ...page, error, showMore: () => setLimit((count) => count + PAGE) };
}
