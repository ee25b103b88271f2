import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import { type Inbox, type Mail, MailChange, type MailSummary } from '../../core/mail.ts';
import { answerJson } from '../../http/http-server.ts';
import { readJson } from '../../http/request-body.ts';
import { queryOf } from '../../http/request-query.ts';
import type { Exchange, Routes } from '../../http/routes.ts';
import type { Mailbox } from './mailbox.ts';
import { rawMail } from './raw-mail.ts';

/** The maximum number of e-mails in the list of the inbox. */
const SHOWN = 1_000;
/** The number of characters of the text in the list of the inbox. */
const BEGINNING = 150;
const MAXIMUM_BODY = 1_024;

const Time = z.iso.datetime({ offset: true });

/** Returns the routes that show the e-mails, mark them as read, and delete them. */
export function inboxRoutes(mailbox: Mailbox): Routes {
  const withMail =
    (answer: (mail: Mail, exchange: Exchange) => void | Promise<void>) =>
    (exchange: Exchange): void | Promise<void> => {
      const mail = mailbox.mails.find(({ id }) => id === exchange.parameters[0]);
      if (mail) return answer(mail, exchange);
      answerJson(exchange.response, 404, { title: 'The e-mail is no longer in the inbox.' });
    };
  const withSelected =
    (answer: (mails: readonly Mail[], exchange: Exchange) => void | Promise<void>) =>
    (exchange: Exchange): void | Promise<void> => {
      const mails = selected(mailbox, exchange.request);
      if (mails) return answer(mails, exchange);
      answerJson(exchange.response, 400, { title: 'until must be a time such as 2026-01-31T09:30:00Z.' });
    };
  const change = async ({ request, response }: Exchange, mails: readonly Mail[]): Promise<void> => {
    const { data } = MailChange.safeParse(await readJson(request, MAXIMUM_BODY));
    if (data) return answerJson(response, 200, { changed: mailbox.mark(idsOf(mails), data.read) });
    answerJson(response, 400, { title: 'The body must be JSON like {"read": true}.' });
  };
  return {
    '/_local/inbox': ({ response }) => {
      response.writeHead(302, { Location: '/_local/#tab=inbox' }).end();
    },
    '/_local/flow/inbox': withSelected((mails, { request, response }) =>
      answerJson(response, 200, listed(mailbox, mails, request)),
    ),
    'GET /_local/emails': withSelected((mails, { response }) => answerJson(response, 200, mails)),
    'PATCH /_local/emails': withSelected((mails, exchange) => change(exchange, mails)),
    'DELETE /_local/emails': withSelected((mails, { response }) =>
      answerJson(response, 200, { changed: mailbox.delete(idsOf(mails)) }),
    ),
    'GET /_local/emails/{id}': withMail((mail, { response }) => answerJson(response, 200, mail)),
    'PATCH /_local/emails/{id}': withMail((mail, exchange) => change(exchange, [mail])),
    'DELETE /_local/emails/{id}': withMail((mail, { response }) =>
      answerJson(response, 200, { changed: mailbox.delete(idsOf([mail])) }),
    ),
    'GET /_local/emails/{id}/raw': withMail(async (mail, { response }) => {
      const raw = await rawMail(mail);
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end(raw);
    }),
  };
}

function idsOf(mails: readonly Mail[]): Set<string> {
  return new Set(mails.map(({ id }) => id));
}

/** Returns the newest of these e-mails: as many as the parameter `limit` says, at most 1,000. */
function listed(mailbox: Mailbox, found: readonly Mail[], request: IncomingMessage): Inbox {
  const limit = queryOf(request).get('limit') ?? '';
  const shown = /^\d{1,3}$/.test(limit) ? Number(limit) : SHOWN;
  return {
    total: mailbox.mails.length,
    unread: mailbox.mails.filter(({ read }) => !read).length,
    found: found.length,
    mails: found
      .toReversed()
      .slice(0, shown)
      .map(
        ({ id, receivedAt, to, subject, text, read }): MailSummary => ({
          id,
          receivedAt,
          to,
          subject,
          beginning: text.slice(0, BEGINNING),
          read,
        }),
      ),
  };
}

/**
 * Returns the e-mails that contain every word of the parameter `search` and were not received after
 * the time in `until`, oldest first; `undefined` if that is not a time.
 */
function selected(mailbox: Mailbox, request: IncomingMessage): Mail[] | undefined {
  const parameters = queryOf(request);
  const words = (parameters.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const until = parameters.get('until');
  if (until !== null && !Time.safeParse(until).success) return undefined;
  const latest = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
  return mailbox.mails.filter(({ receivedAt, from, to, subject, text }) => {
    if (Date.parse(receivedAt) > latest) return false;
    const content = words.length > 0 ? [receivedAt, from, to, subject, text].join('\n').toLowerCase() : '';
    return words.every((word) => content.includes(word));
  });
}
