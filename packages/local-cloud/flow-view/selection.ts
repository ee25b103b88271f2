/** What the page shows, as the fragment of its address has it, so that it can be linked to and gone back from. */
export interface Selection {
  /** Without one, the newest post's is followed. */
  trace?: string;
  /** A step of the trace, by its id. */
  step?: number;
  /** A connection of the picture, by its key. */
  connection?: string;
  tab: Tab;
}

export const TABS = ['traces', 'queues', 'inbox', 'connections'] as const;
export type Tab = (typeof TABS)[number];

/** Never throws: what is not understood is left out. */
export function selectionOf(fragment: string): Selection {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const trace = parameters.get('trace');
  const step = parameters.get('step') ?? '';
  const connection = parameters.get('connection');
  return {
    ...(trace && { trace }),
    ...(trace && /^\d+$/.test(step) && { step: Number(step) }),
    ...(connection && { connection }),
    tab: TABS.find((tab) => tab === parameters.get('tab')) ?? 'traces',
  };
}

/** The fragment for it, with its `#`. */
export function linkTo({ trace, step, connection, tab }: Partial<Selection>): string {
  const parameters = new URLSearchParams();
  if (tab && tab !== 'traces') parameters.set('tab', tab);
  if (trace) parameters.set('trace', trace);
  if (step !== undefined) parameters.set('step', String(step));
  if (connection) parameters.set('connection', connection);
  return `#${parameters}`;
}
