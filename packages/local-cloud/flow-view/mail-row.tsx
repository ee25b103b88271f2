import type { MailSummary } from '../src/core/mail.ts';
import { linkTo } from './selection.ts';

/** Renders an e-mail in the list of the inbox. */
export function MailRow({
  mail: { id, receivedAt, to, subject, beginning, read },
  isOpen,
  tabIndex,
}: {
  mail: MailSummary;
  isOpen: boolean;
  tabIndex: 0 | -1;
}) {
  const received = new Date(receivedAt);
  const isToday = received.toDateString() === new Date().toDateString();
  return (
    <a
      class={read ? 'trace mail' : 'trace mail unread'}
      href={linkTo({ tab: 'inbox', mail: id })}
      tabIndex={tabIndex}
      aria-current={isOpen ? 'true' : undefined}
    >
      <span class="title">
        {!read && <span class="hidden">Unread: </span>}
        {subject}
      </span>
      <span class="beginning">{beginning}</span>
      <span class="facts">
        <span class="title">{to}</span>
        <time dateTime={receivedAt}>
          {isToday ? received.toLocaleTimeString() : received.toLocaleDateString()}
        </time>
      </span>
    </a>
  );
}
