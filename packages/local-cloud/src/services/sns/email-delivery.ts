import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type Clock, sleep } from '../../core/clock.ts';
import { hopName, mailHop } from '../../core/hop.ts';
import type { Journal, Section } from '../../core/journal.ts';
import type { Log } from '../../core/log.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import { type Cause, KeptCause, keptCause } from '../../core/trace.ts';
import { type Mailbox, OutgoingMail } from '../mail/mailbox.ts';

export interface EmailServices extends PassageServices {
  clock: Clock;
  /** Keeps the e-mails that are not delivered. */
  journal: Journal;
  log: Log;
  mailbox: Pick<Mailbox, 'deliver'>;
}

const MAXIMUM_RETRIES = 50;
const FIRST_DELAY_MS = 10_000;
const LAST_DELAY_MS = 600_000;

/** An e-mail that is not delivered. Times are milliseconds since the epoch. */
const KeptMail = z.object({
  mail: OutgoingMail,
  /** The name of the topic. */
  topic: z.string(),
  cause: z.optional(KeptCause),
  retries: z.number(),
  /** The e-mail waits until then. */
  waitsUntil: z.number(),
});

interface Delivery extends Omit<z.output<typeof KeptMail>, 'cause'> {
  cause: Cause | undefined;
  /** Called with the progress before the e-mail waits for a retry. */
  keep: (progress: { retries: number; waitsUntil: number }) => void;
}

/** The e-mails of all topics. Each is kept until it is delivered, so that it survives a restart. */
export class EmailDeliveries {
  readonly #services: EmailServices;
  readonly #kept: Section<typeof KeptMail>;

  constructor(services: EmailServices) {
    this.#services = services;
    this.#kept = services.journal.section('mails', KeptMail);
  }

  /** Delivers an e-mail of a topic, in the background. */
  begin(mail: OutgoingMail, topic: string, cause: Cause | undefined): void {
    this.#deliver({ mail, topic, cause, retries: 0, waitsUntil: this.#services.clock.now() });
  }

  /** Continues with the e-mails that were not delivered when the previous process ended. */
  resume(): void {
    for (const [id, { cause, ...mail }] of this.#kept.left) this.#deliver({ ...mail, cause }, id);
  }

  #deliver({ cause, ...mail }: Omit<Delivery, 'keep'>, id: string = randomUUID()): void {
    const keep: Delivery['keep'] = (progress) =>
      this.#kept.put(id, { ...mail, ...progress, cause: cause && keptCause(cause) });
    keep(mail);
    void deliverMail({ ...mail, cause, keep }, this.#services).then(() => this.#kept.delete(id));
  }
}

/**
 * Delivers an e-mail. A failed delivery has 50 retries in over six hours: two 10 seconds apart, ten
 * with an exponential back-off up to 10 minutes, the rest 10 minutes apart. After the last one, the
 * e-mail is lost. Never rejects.
 * Source: SNS Developer Guide, "Amazon SNS message delivery retries", SMTP.
 */
async function deliverMail(delivery: Delivery, services: EmailServices): Promise<void> {
  const { mail, topic, cause, keep } = delivery;
  const { clock, log, mailbox } = services;
  const hop = mailHop(topic);
  const name = hopName(hop);
  let { waitsUntil } = delivery;
  for (let { retries } = delivery; ; retries++) {
    // A clock that starts anew can be behind the one of the previous process.
    const wait = Math.min(waitsUntil - clock.now(), LAST_DELAY_MS);
    if (wait > 0) await sleep(clock, wait);
    try {
      await pass(services, { hop, service: 'sns', operation: 'Deliver' }, cause, {
        step: { kind: 'mail', to: 'mail', part: mail.to, payload: JSON.stringify(mail) },
        act: async () => mailbox.deliver(mail),
      });
      return;
    } catch (error) {
      if (retries === MAXIMUM_RETRIES) {
        log.error(name, `LOST an e-mail to ${mail.to}, given up after ${retries} retries (${error})`);
        return;
      }
      const growth = (LAST_DELAY_MS / FIRST_DELAY_MS) ** (Math.max(retries - 2, 0) / 9);
      const delay = Math.min(FIRST_DELAY_MS * growth, LAST_DELAY_MS);
      log.warn(name, `failed (${error}), retry in ${Math.round(delay / 1000)} s`);
      waitsUntil = clock.now() + delay;
      keep({ retries: retries + 1, waitsUntil });
    }
  }
}
