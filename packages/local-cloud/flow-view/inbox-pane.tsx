import { useRef, useState } from 'preact/hooks';
import { ChangedMails, Inbox } from '../src/core/mail.ts';
import { ConfirmedButton } from './confirmed-button.tsx';
import { counted } from './counted.ts';
import { useFetched } from './fetched.ts';
import { useLastValue } from './last-value.ts';
import { call, messageOf } from './local-api.ts';
import { MailRow } from './mail-row.tsx';
import { OpenMail } from './open-mail.tsx';
import { linkTo } from './selection.ts';
import { WindowedRows } from './windowed-rows.tsx';

const ROW = 62;
/** Where the inbox is when no mail is open. */
const INBOX = linkTo({ tab: 'inbox' });

/** Renders the inbox: the list of mails, and the open one. */
export function InboxPane({
  version,
  selected,
}: {
  version: string | undefined;
  selected: string | undefined;
}) {
  const [search, setSearch] = useState('');
  const [failure, setFailure] = useState<string>();
  const list = useRef<HTMLElement>(null);
  const query = new URLSearchParams({ search });
  const { value: inbox, error } = useFetched(`/_local/flow/inbox?${query}`, Inbox, version);
  const { total = 0, unread = 0, found = 0, mails = [] } = useLastValue(inbox) ?? {};
  const change = (method: string, path: string, body?: unknown): void => {
    call(method, `/_local/emails${path}`, ChangedMails, body).then(
      () => setFailure(undefined),
      (reason: unknown) => setFailure(messageOf(reason)),
    );
  };
  const remove = (id: string): void => {
    change('DELETE', `/${id}`);
    const place = mails.findIndex((mail) => mail.id === id);
    const next = mails[place + 1] ?? mails[place - 1];
    location.hash = next ? linkTo({ tab: 'inbox', mail: next.id }) : INBOX;
    list.current?.focus();
  };
  const removeFound = (): void => {
    // Not those that arrive while the question is shown.
    query.set('until', mails[0]?.receivedAt ?? '');
    change('DELETE', `?${query}`);
    location.hash = INBOX;
    list.current?.focus();
  };
  return (
    <div class="panes">
      <section class="pane mails" ref={list} tabIndex={-1} aria-labelledby="inbox-title">
        <header>
          <h2 id="inbox-title">Inbox</h2>
          <span class="note">
            {counted(total, 'mail')}, {unread} unread
          </span>
          <a href="/_local/emails">as JSON</a>
        </header>
        <label class="filter">
          <span class="hidden">Show only mails with these words</span>
          <input
            type="search"
            placeholder="Search: address, subject, text"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        {found > 0 && (
          <div class="actions">
            <button type="button" disabled={unread === 0} onClick={() => change('PATCH', '', { read: true })}>
              Mark all as read
            </button>
            <ConfirmedButton
              // The question is about the mails that this search has found.
              key={search}
              disabled={!inbox}
              label={search.trim() === '' ? 'Delete all' : `Delete ${found} found`}
              question={`Delete ${counted(found, 'mail')} for good?`}
              onConfirm={removeFound}
            />
          </div>
        )}
        <Notes error={error ?? failure} isEmpty={inbox !== undefined && found === 0} total={total} />
        {found > mails.length && (
          <p class="hint">
            The newest {mails.length} of {found}. Search for others.
          </p>
        )}
        <WindowedRows
          label="Mails, newest first"
          rows={mails}
          rowHeight={ROW}
          keyOf={({ id }) => id}
          current={selected}
        >
          {(mail, tabIndex) => <MailRow mail={mail} isOpen={mail.id === selected} tabIndex={tabIndex} />}
        </WindowedRows>
      </section>
      {selected === undefined ? (
        <section class="pane chosen" aria-label="The open mail">
          <p class="hint">{mails.length > 0 ? 'Choose a mail to read it.' : 'The open mail appears here.'}</p>
        </section>
      ) : (
        <OpenMail key={selected} id={selected} onDelete={() => remove(selected)} />
      )}
    </div>
  );
}

/** Says what has failed, and why no mail is shown. */
function Notes({ error, isEmpty, total }: { error: string | undefined; isEmpty: boolean; total: number }) {
  return (
    <>
      {error !== undefined && (
        <p class="hint error" role="alert">
          {error}
        </p>
      )}
      {isEmpty && (
        <p class="hint">
          {total > 0
            ? 'No mail contains these words.'
            : 'No mail yet. An address with a confirmed subscription receives the e-mails of its topic.'}
        </p>
      )}
    </>
  );
}
