import { join } from 'node:path';
import * as z from 'zod/mini';
import { seededChance } from '../../../src/core/chance.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Journal } from '../../../src/core/journal.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Mailbox } from '../../../src/services/mail/mailbox.ts';
import { Sns } from '../../../src/services/sns/sns.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

export const awsUrl = 'http://127.0.0.1:4566';
export const TopicArn = 'arn:aws:sns:us-east-1:123456789012:posts';
const topic = {
  logicalId: 'Topic',
  constructPath: 'Blog/Topic',
  name: 'posts',
  arn: TopicArn,
  properties: {},
};

/** The attributes of a subscription to messages about the summer. */
export const summer = { FilterPolicy: '{"topic":["summer"]}', FilterPolicyScope: 'MessageBody' };

export type LocalSns = Awaited<ReturnType<typeof openSns>>;

/** Opens an SNS with one topic and its data in a folder. Returns it with the inbox and calls of clients. */
export async function openSns(folder: string, clock = new ManualClock()) {
  const log = new RecordedLog();
  const faults = new Faults({ clock, log, chance: seededChance('test') });
  const recorder = new Recorder(clock, false);
  const journal = new Journal(join(folder, 'journal.jsonl'));
  const mailbox = new Mailbox({ clock, journal, log });
  const services = { clock, faults, journal, log, mailbox, recorder };
  const sns = new Sns({ resources: [topic], awsUrl, ...services });

  const subscribe = (Endpoint: string, parameters: object = {}) =>
    sns.call('Subscribe', { TopicArn, Protocol: 'email', Endpoint, ...parameters });

  /** Returns the query of the link in the newest e-mail to `to`. */
  const link = (to: string): URLSearchParams => {
    const text = mailbox.mails.findLast((mail) => mail.to === to)?.text ?? '';
    return new URL(text.match(/http:\S+/)?.[0] ?? '').searchParams;
  };

  return {
    clock,
    faults,
    journal,
    log,
    mailbox,
    sns,
    subscribe,
    link,
    async subscribeAndConfirm(endpoint: string, Attributes: object = {}): Promise<string> {
      await subscribe(endpoint, { Attributes });
      const input = { TopicArn, Token: link(endpoint).get('Token') };
      const confirmed = await sns.call('ConfirmSubscription', input);
      return z.object({ SubscriptionArn: z.string() }).parse(confirmed).SubscriptionArn;
    },
    publish: (Message: string, parameters: object = {}) =>
      sns.call('Publish', { TopicArn, Message, ...parameters }),
    /** Returns the addresses that have received notifications, in order. */
    notifications: () =>
      mailbox.mails.filter(({ subject }) => subject === 'AWS Notification Message').map(({ to }) => to),
  };
}
