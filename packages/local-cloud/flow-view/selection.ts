/**
 * The selection that the page shows. The fragment of its address holds it, so that links and the
 * back button work.
 */
export interface Selection {
  /** If it is absent, the page follows the newest trace of the example request. */
  trace?: string;
  /** A step of the trace, by its ID. */
  step?: number;
  /** A connection of the picture, by its key. */
  connection?: string;
  /** A node of the picture, by its ID. */
  node?: string;
  /** The open mail of the inbox, by its ID. */
  mail?: string;
  tab: Tab;
}

export const TABS = ['traces', 'overview', 'queues', 'inbox', 'connections'] as const;
export type Tab = (typeof TABS)[number];

/** Parses a fragment. Never throws: ignores the parts that are not valid. */
export function selectionOf(fragment: string): Selection {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const trace = parameters.get('trace');
  const step = parameters.get('step') ?? '';
  const connection = parameters.get('connection');
  const node = parameters.get('node');
  const mail = parameters.get('mail');
  return {
    ...(trace && { trace }),
    ...(trace && /^\d+$/.test(step) && { step: Number(step) }),
    ...(connection && { connection }),
    ...(node && { node }),
    ...(mail && { mail }),
    tab: TABS.find((tab) => tab === parameters.get('tab')) ?? 'traces',
  };
}

/** Returns the fragment of a selection, including `#`. */
export function linkTo({ trace, step, connection, node, mail, tab }: Partial<Selection>): string {
  const parameters = new URLSearchParams();
  if (tab && tab !== 'traces') parameters.set('tab', tab);
  if (trace) parameters.set('trace', trace);
  if (step !== undefined) parameters.set('step', String(step));
  if (connection) parameters.set('connection', connection);
  if (node) parameters.set('node', node);
  if (mail) parameters.set('mail', mail);
  return `#${parameters}`;
}
