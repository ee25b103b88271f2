import { type Html, html, page } from '../../http/html.ts';
import type { Mail } from './mailbox.ts';

const SHOWN = 100;
const REFRESH_SECONDS = 3;

/**
 * Returns the page of the inbox: the newest e-mails first, with clickable links, everything else as
 * text.
 */
export function inboxPage(mails: readonly Mail[]): string {
  const newest = mails.slice(-SHOWN).reverse();
  const body = html`<p>${newest.length} of ${mails.length} mails; the page refreshes itself.
All of them as JSON: <a href="/_local/emails">/_local/emails</a></p>
${newest.map(article)}`;
  return page('Inbox', body, REFRESH_SECONDS);
}

function article({ id, receivedAt, from, to, subject, text }: Mail): Html {
  return html`<article id="${id}">
<h2>${subject}</h2>
<p>To ${to}, from ${from}, <time>${receivedAt}</time></p>
<pre>${withLinks(text)}</pre>
</article>
`;
}

function withLinks(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s"<>]+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}
