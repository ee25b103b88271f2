import { useEffect, useRef } from 'preact/hooks';
import { ChangedMails, Mail } from '../src/core/mail.ts';
import { ConfirmedButton } from './confirmed-button.tsx';
import { useFetched } from './fetched.ts';
import { linkedText } from './linked-text.ts';
import { call } from './local-api.ts';

/** Renders one mail as text, whose web addresses are links, and marks it as read. */
export function OpenMail({ id, onDelete }: { id: string; onDelete: () => void }) {
  const path = `/_local/emails/${encodeURIComponent(id)}`;
  const element = useRef<HTMLElement>(null);
  useEffect(() => element.current?.scrollIntoView({ block: 'nearest' }), []);
  // A mail does not change, so its text stays selected while others arrive.
  const { value: mail, error } = useFetched(path, Mail, id);
  const mark = (read: boolean): void => {
    // If it fails, the list still shows the mail as it was.
    call('PATCH', path, ChangedMails, { read }).catch(() => {});
  };
  useEffect(() => {
    if (mail?.read === false) mark(true);
  }, [mail]);
  return (
    <section class="pane chosen" ref={element} aria-labelledby="mail-title">
      <header>
        <h2 id="mail-title">{mail?.subject ?? 'Mail'}</h2>
      </header>
      <div class="content open-mail">
        {error !== undefined && <p class="error">{error}</p>}
        {mail && (
          <>
            <dl>
              <div class="fact">
                <dt>from</dt>
                <dd>{mail.from}</dd>
              </div>
              <div class="fact">
                <dt>to</dt>
                <dd>{mail.to}</dd>
              </div>
              <div class="fact">
                <dt>received</dt>
                <dd>
                  <time dateTime={mail.receivedAt}>{new Date(mail.receivedAt).toLocaleString()}</time>
                </dd>
              </div>
            </dl>
            <div class="actions">
              <button type="button" onClick={() => mark(false)}>
                Mark as unread
              </button>
              <ConfirmedButton label="Delete" question="Delete this mail for good?" onConfirm={onDelete} />
              <a href={`${path}/raw`} target="_blank" rel="noreferrer">
                Raw message
              </a>
              <a href={path} target="_blank" rel="noreferrer">
                as JSON
              </a>
            </div>
            <pre>
              {linkedText(mail.text).map(({ text, href }, index) =>
                href === undefined ? (
                  text
                ) : (
                  <a key={index} href={href} target="_blank" rel="noreferrer">
                    {text}
                  </a>
                ),
              )}
            </pre>
          </>
        )}
      </div>
    </section>
  );
}
