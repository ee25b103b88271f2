import { Inbox } from '../src/core/mail.ts';
import type { QueueContents } from '../src/core/queue-contents.ts';
import type { ExampleRequest } from '../src/core/steps.ts';
import type { ActiveFault } from './active-faults.ts';
import { ActiveFaults } from './active-faults-list.tsx';
import { ExampleButton } from './example-request.tsx';
import { useFetched } from './fetched.ts';
import type { LiveChanges } from './live-changes.ts';
import { linkTo, type Selection, TABS, type Tab } from './selection.ts';

const tabTexts: Record<Tab, string> = {
  traces: 'Traces',
  overview: 'Overview',
  queues: 'Queues',
  inbox: 'Inbox',
  connections: 'Connections',
};

/** Renders the head of the page: its state, the example, the active faults, and the tabs. */
export function TopBar({
  state,
  example,
  faults,
  selection: { tab: selected, trace },
  queues,
  emails,
  onDisplay,
}: {
  state: LiveChanges['state'];
  example: ExampleRequest | undefined;
  faults: readonly ActiveFault[];
  selection: Selection;
  queues: readonly QueueContents[];
  /** Differs when the inbox has changed. */
  emails: string | undefined;
  onDisplay: () => void;
}) {
  const { value: inbox } = useFetched('/_local/flow/inbox?limit=0', Inbox, emails);
  const unread = inbox?.unread ?? 0;
  const deadLetters = queues.reduce((sum, { count }) => sum + count, 0);
  return (
    <header class="top">
      <h1>Flow view</h1>
      <LiveState state={state} />
      {example && <ExampleButton example={example} />}
      {faults.length > 0 && (
        <details class="faults-on">
          <summary>
            {faults.length} {faults.length === 1 ? 'fault' : 'faults'} on
          </summary>
          <ActiveFaults faults={faults} />
        </details>
      )}
      <nav aria-label="Views">
        {TABS.map((tab) => (
          <a
            key={tab}
            href={linkTo({ tab, ...(trace && { trace }) })}
            aria-current={tab === selected ? 'page' : undefined}
          >
            {tabTexts[tab]}
            {tab === 'queues' && deadLetters > 0 && <b class="letters">{deadLetters}</b>}
            {tab === 'inbox' && unread > 0 && <b class="letters unread">{unread}</b>}
          </a>
        ))}
      </nav>
      <button type="button" title="Only the picture, on the whole screen" onClick={onDisplay}>
        Large view
      </button>
    </header>
  );
}

function LiveState({ state }: { state: LiveChanges['state'] }) {
  return (
    <span class={`live ${state}`} role="status">
      {state === 'reconnecting' ? 'The local cloud does not respond; retrying' : state}
    </span>
  );
}
