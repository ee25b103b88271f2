import * as z from 'zod/mini';

/*
 * The JSON about e-mails that the public port serves. The page imports this module too, so it
 * imports nothing of Node.js.
 */

/** An e-mail in the inbox, in the responses of `/_local/emails` and `/_local/emails/<id>`. */
export const Mail = z.object({
  id: z.string(),
  /** ISO 8601. */
  receivedAt: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  /** Whether it was opened in the inbox. */
  read: z._default(z.boolean(), false),
});
export type Mail = z.infer<typeof Mail>;

/** An e-mail in the list of the inbox, with the beginning of its text. */
export const MailSummary = z.extend(z.omit(Mail, { from: true, text: true }), { beginning: z.string() });
export type MailSummary = z.infer<typeof MailSummary>;

/** The response of `GET /_local/flow/inbox`. */
export const Inbox = z.object({
  total: z.number(),
  unread: z.number(),
  /** The number of e-mails that contain every word of the search. */
  found: z.number(),
  /** The newest 1,000 of these, newest first. */
  mails: z.array(MailSummary),
});
export type Inbox = z.infer<typeof Inbox>;

/** The body of `PATCH /_local/emails` and `PATCH /_local/emails/<id>`. */
export const MailChange = z.strictObject({ read: z.boolean() });

/** The response of `PATCH` and `DELETE`: the number of e-mails that were changed or deleted. */
export const ChangedMails = z.object({ changed: z.number() });
