import { useCallback, useState } from 'preact/hooks';
import { TraceState } from '../src/core/steps.ts';

/**
 * What the page lists, and how large its picture is. The query of its address holds it, so that it
 * survives a reload and every link to a selection.
 */
export interface PageOptions {
  /** Only traces that contain these words. */
  text: string;
  /** Only traces in this state. */
  state?: TraceState | undefined;
  /** Whether all traces are listed, and not only those of the example request. */
  everything: boolean;
  /** Whether the picture fills the page. */
  display: boolean;
}

/** Parses a query. Never throws: ignores the parts that are not valid. */
export function pageOptionsOf(query: string): PageOptions {
  const parameters = new URLSearchParams(query);
  return {
    text: parameters.get('text') ?? '',
    state: TraceState.options.find((state) => state === parameters.get('state')),
    everything: parameters.has('everything'),
    display: parameters.has('display'),
  };
}

/** Returns the query of options, including `?`; an empty text if they are the usual ones. */
export function queryOf({ text, state, everything, display }: PageOptions): string {
  const parameters = new URLSearchParams();
  if (text) parameters.set('text', text);
  if (state) parameters.set('state', state);
  if (everything) parameters.set('everything', '');
  if (display) parameters.set('display', '');
  const query = parameters.toString().replaceAll(/=(?=&|$)/g, '');
  return query && `?${query}`;
}

/** Returns whether the options leave traces out that the page lists otherwise. */
export function isFiltered({ text, state }: Pick<PageOptions, 'text' | 'state'>): boolean {
  return text !== '' || state !== undefined;
}

/** Returns the options in the page's address, and a function that changes some of them. */
export function usePageOptions(): [PageOptions, (changed: Partial<PageOptions>) => void] {
  const [options, setOptions] = useState(() => pageOptionsOf(location.search));
  const change = useCallback((changed: Partial<PageOptions>): void => {
    const next = { ...pageOptionsOf(location.search), ...changed };
    // It adds nothing to the history, which a typed text would fill.
    history.replaceState(null, '', `${location.pathname}${queryOf(next)}${location.hash}`);
    setOptions(next);
  }, []);
  return [options, change];
}
