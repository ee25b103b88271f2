import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import * as z from 'zod/mini';
import { Changes } from '../../core/changes.ts';
import type { Clock } from '../../core/clock.ts';
import type { Journal, Section } from '../../core/journal.ts';
import type { Log } from '../../core/log.ts';
import { Mail } from '../../core/mail.ts';

/** An e-mail before it is delivered. `to` is one address. */
export const OutgoingMail = z.pick(Mail, { to: true, subject: true, text: true });
export type OutgoingMail = z.infer<typeof OutgoingMail>;

const SENDER = 'no-reply@sns.amazonaws.com';

/** The maximum number of e-mails in the inbox. Beyond it, the oldest are dropped. */
const CAPACITY = 10_000;

/**
 * Keeps every e-mail that the local cloud sends, in one inbox that survives a restart. Sends the
 * e-mails to an SMTP server too, if there is one.
 */
export class Mailbox {
  /** Reports each change of the inbox. */
  readonly changes = new Changes();
  #mails: Mail[];
  readonly #inbox: Section<typeof Mail>;
  /** The e-mails that the SMTP server may not have received. */
  readonly #outbox: Section<typeof OutgoingMail>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #smtp: ReturnType<typeof createTransport> | undefined;

  /**
   * @param smtpUrl an SMTP server that receives the e-mails too, e.g. `smtp://localhost:1025`, with
   * nodemailer's parameters
   */
  constructor({
    clock,
    journal,
    log,
    smtpUrl,
  }: { clock: Clock; journal: Journal; log: Log; smtpUrl?: string | undefined }) {
    this.#clock = clock;
    this.#log = log;
    this.#inbox = journal.section('inbox', Mail);
    this.#outbox = journal.section('outbox', OutgoingMail);
    this.#mails = [...this.#inbox.left.values()];
    this.#smtp = smtpUrl ? createTransport({ url: smtpUrl, pool: true }) : undefined;
    for (const [id, mail] of this.#outbox.left) this.#send(mail, id);
  }

  /** The e-mails, oldest first. */
  get mails(): readonly Mail[] {
    return this.#mails;
  }

  /**
   * Puts an e-mail into the inbox. Sends it to the SMTP server in the background, once, and again
   * only if the process ends meanwhile; a failure is a warning in the log.
   */
  deliver(outgoing: OutgoingMail): void {
    const receivedAt = new Date(this.#clock.now()).toISOString();
    const mail = { id: randomUUID(), receivedAt, from: SENDER, ...outgoing, read: false };
    this.#mails.push(mail);
    this.#inbox.put(mail.id, mail);
    const oldest = this.#mails.length > CAPACITY ? this.#mails.shift() : undefined;
    if (oldest) this.#inbox.delete(oldest.id);
    this.changes.report();
    this.#send(outgoing, mail.id);
  }

  /** Marks the e-mails with these IDs as read or unread. Returns how many it changes. */
  mark(ids: ReadonlySet<string>, read: boolean): number {
    const changed = this.#mails.filter((mail) => ids.has(mail.id) && mail.read !== read);
    for (const mail of changed) {
      mail.read = read;
      this.#inbox.put(mail.id, mail);
    }
    if (changed.length > 0) this.changes.report();
    return changed.length;
  }

  /** Deletes the e-mails with these IDs from the inbox. Returns their number. */
  delete(ids: ReadonlySet<string>): number {
    const deleted = this.#mails.filter(({ id }) => ids.has(id));
    for (const { id } of deleted) this.#inbox.delete(id);
    this.#mails = this.#mails.filter(({ id }) => !ids.has(id));
    if (deleted.length > 0) this.changes.report();
    return deleted.length;
  }

  #send({ to, subject, text }: OutgoingMail, id: string): void {
    if (!this.#smtp) {
      this.#outbox.delete(id);
      return;
    }
    this.#outbox.put(id, { to, subject, text });
    void this.#smtp
      .sendMail({ from: SENDER, to, subject, text })
      .catch((error: unknown) => this.#log.warn('smtp', `The e-mail to ${to} was not sent: ${error}`))
      .finally(() => this.#outbox.delete(id));
  }

  /** Closes the connections to the SMTP server. */
  close(): void {
    this.#smtp?.close();
  }
}
