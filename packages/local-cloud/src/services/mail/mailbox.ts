import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';

/** An e-mail in the inbox. */
export interface Mail {
  id: string;
  /** ISO 8601. */
  receivedAt: string;
  from: string;
  to: string;
  subject: string;
  text: string;
}

/** An e-mail before it is delivered. `to` is one address. */
export type OutgoingMail = Pick<Mail, 'to' | 'subject' | 'text'>;

const SENDER = 'no-reply@sns.amazonaws.com';

/** Beyond it, the oldest e-mails are dropped. */
const CAPACITY = 10_000;

/**
 * Keeps every e-mail that the local cloud sends, in one inbox that lasts as long as the process.
 * Sends the e-mails to an SMTP server too, if there is one.
 */
export class Mailbox {
  readonly #mails: Mail[] = [];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #smtp: ReturnType<typeof createTransport> | undefined;

  /**
   * @param smtpUrl an SMTP server that receives the e-mails too, e.g. `smtp://localhost:1025`, with
   * nodemailer's parameters
   */
  constructor({ clock, log, smtpUrl }: { clock: Clock; log: Log; smtpUrl?: string | undefined }) {
    this.#clock = clock;
    this.#log = log;
    this.#smtp = smtpUrl ? createTransport({ url: smtpUrl, pool: true }) : undefined;
  }

  /** The e-mails, oldest first. */
  get mails(): readonly Mail[] {
    return this.#mails;
  }

  /**
   * Puts an e-mail into the inbox. Sends it to the SMTP server in the background, once; a failure
   * is a warning in the log.
   */
  deliver(outgoing: OutgoingMail): void {
    const receivedAt = new Date(this.#clock.now()).toISOString();
    this.#mails.push({ id: randomUUID(), receivedAt, from: SENDER, ...outgoing });
    if (this.#mails.length > CAPACITY) this.#mails.shift();
    this.#smtp
      ?.sendMail({ from: SENDER, ...outgoing })
      .catch((error: unknown) =>
        this.#log.warn('smtp', `The e-mail to ${outgoing.to} was not sent: ${error}`),
      );
  }

  /** Closes the connections to the SMTP server. */
  close(): void {
    this.#smtp?.close();
  }
}
