import { type Clock, sleep } from '../../core/clock.ts';
import { hopName, mailHop } from '../../core/hop.ts';
import type { Log } from '../../core/log.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import type { Cause } from '../../core/trace.ts';
import type { Mailbox, OutgoingMail } from '../mail/mailbox.ts';

export interface EmailServices extends PassageServices {
  clock: Clock;
  log: Log;
  mailbox: Pick<Mailbox, 'deliver'>;
}

const MAXIMUM_RETRIES = 50;
const FIRST_DELAY_MS = 10_000;
const LAST_DELAY_MS = 600_000;

/**
 * Delivers an e-mail. A failed delivery has 50 retries in over six hours: two 10 seconds apart, ten
 * with an exponential back-off up to 10 minutes, the rest 10 minutes apart. After the last one, the
 * e-mail is lost. Never rejects.
 * Source: SNS Developer Guide, "Amazon SNS message delivery retries", SMTP.
 */
export async function deliverMail(
  mail: OutgoingMail,
  topic: string,
  cause: Cause | undefined,
  services: EmailServices,
): Promise<void> {
  const { clock, log, mailbox } = services;
  const hop = mailHop(topic);
  const name = hopName(hop);
  for (let retries = 0; ; retries++) {
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
      await sleep(clock, delay);
    }
  }
}
