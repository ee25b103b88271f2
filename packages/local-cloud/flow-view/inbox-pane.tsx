import * as z from 'zod/mini';
import { useFetched } from './fetched.ts';

const Mails = z.array(
  z.object({ id: z.string(), receivedAt: z.string(), to: z.string(), subject: z.string(), text: z.string() }),
);

const SHOWN = 100;

/** The hosts of the local cloud. */
const LOCAL = ['localhost', '127.0.0.1'];

/**
 * Renders the newest e-mails. Only links of the local cloud itself, such as those that confirm and
 * unsubscribe, can be clicked.
 */
export function InboxPane({ version }: { version: string | undefined }) {
  const { value: mails = [], error } = useFetched('/_local/emails', Mails, version);
  return (
    <section class="pane wide" aria-labelledby="inbox-title">
      <header>
        <h2 id="inbox-title">Inbox</h2>
        <a href="/_local/inbox">on a separate page</a>
      </header>
      <div class="content">
        {error !== undefined && <p class="error">{error}</p>}
        {mails.length === 0 && (
          <p class="hint">
            No mail yet. An address with a confirmed subscription receives the e-mails of its topic.
          </p>
        )}
        {mails
          .slice(-SHOWN)
          .reverse()
          .map(({ id, receivedAt, to, subject, text }) => (
            <article key={id}>
              <h3>{subject}</h3>
              <p>
                To {to}, <time dateTime={receivedAt}>{new Date(receivedAt).toLocaleString()}</time>
              </p>
              <pre>{text.split(/(https?:\/\/[^\s"<>]+)/).map(textOrLink)}</pre>
            </article>
          ))}
      </div>
    </section>
  );
}

function textOrLink(part: string, index: number) {
  return index % 2 === 1 && URL.canParse(part) && LOCAL.includes(new URL(part).hostname) ? (
    <a key={index} href={part}>
      {part}
    </a>
  ) : (
    part
  );
}
