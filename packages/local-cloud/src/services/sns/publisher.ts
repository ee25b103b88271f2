import { randomUUID } from 'node:crypto';
import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Cause } from '../../core/trace.ts';
import { MessageAttributes, sizeOfMessageAttributes } from '../sqs/message-attributes.ts';
import { deliverMail, type EmailServices } from './email-delivery.ts';
import { notificationMail } from './mails.ts';
import { invalidParameter } from './operation.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

export const Publish = z.strictObject({
  TopicArn: z.string(),
  Message: z.string().check(z.minLength(1)),
  // One line of ASCII that begins with a letter, a digit or punctuation.
  Subject: z.optional(z.string().check(z.regex(/^[!-~][ -~]{0,99}$/))),
  MessageAttributes: z._default(MessageAttributes, {}),
});

const MAXIMUM_MESSAGE_BYTES = 262_144;
/**
 * SNS suspends a subscription that would receive more e-mails. Source: AWS General Reference,
 * "Amazon SNS endpoints and quotas"; AWS re:Post Knowledge Center, "Why did I get an email from AWS
 * that states that my Amazon SNS subscription was manually deactivated?"
 */
const MAILS_PER_SECOND = 10;

interface PublisherServices extends EmailServices {
  subscriptions: Subscriptions;
  /** The URL of the pages behind the e-mails' links, without a trailing slash. */
  awsUrl: string;
}

/** Mails published messages to the subscribers of their topic. */
export class Publisher {
  readonly #services: PublisherServices;
  /** The times of each subscription's e-mails in the last second, by its ARN. */
  readonly #recentMails = new Map<string, number[]>();

  constructor(services: PublisherServices) {
    this.#services = services;
  }

  /**
   * Mails a message to each confirmed subscriber whose filter policy accepts it. Does not wait for
   * the e-mails.
   * @throws {AwsError} if the topic does not exist, or if the message is longer than 256 KB
   */
  async publish(
    { TopicArn, Message, Subject, MessageAttributes }: z.infer<typeof Publish>,
    cause?: Cause,
  ): Promise<{ MessageId: string }> {
    if (Buffer.byteLength(Message) + sizeOfMessageAttributes(MessageAttributes) > MAXIMUM_MESSAGE_BYTES) {
      throw invalidParameter('Message', 'Message too long');
    }
    const { subscriptions, awsUrl } = this.#services;
    const subscribers = subscriptions.list(TopicArn);
    const topic = parse(TopicArn).resource;
    const message = { body: Message, attributes: MessageAttributes };
    for (const subscription of subscribers) {
      if (!subscriptions.receives(subscription, message)) continue;
      if (this.#isFlooded(subscription)) await this.#suspend(subscription);
      else {
        const mail = notificationMail(awsUrl, subscription, Message, Subject);
        void deliverMail(mail, topic, cause, this.#services);
      }
    }
    return { MessageId: randomUUID() };
  }

  /** Returns whether the subscription has reached the limit; counts one more e-mail otherwise. */
  #isFlooded({ arn }: Subscription): boolean {
    const now = this.#services.clock.now();
    const recent = (this.#recentMails.get(arn) ?? []).filter((time) => time > now - 1000);
    if (recent.length >= MAILS_PER_SECOND) return true;
    this.#recentMails.set(arn, [...recent, now]);
    return false;
  }

  async #suspend(subscription: Subscription): Promise<void> {
    const { subscriptions, log } = this.#services;
    await subscriptions.awaitConfirmation(subscription);
    log.error(
      'sns',
      `SUSPENDED the subscription of ${subscription.endpoint} to ${parse(subscription.topicArn).resource}: it received ` +
        `more than ${MAILS_PER_SECOND} messages in a second. It receives no more and is deleted in 48 hours. To restore it, ` +
        'subscribe it again with the same attributes and open the link in the mail.',
    );
  }
}
