import { randomUUID } from 'node:crypto';
import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { parseJson } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import { type Cause, isResumed } from '../../core/trace.ts';
import { SentAttributes, sizeOfMessageAttributes } from '../sqs/message-attributes.ts';
import { publishedAttributes } from './attribute-rules.ts';
import type { EmailDeliveries } from './email-delivery.ts';
import { notificationMail } from './mails.ts';
import { invalidParameter, refuseMalformedArn } from './operation.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

export const Publish = z.strictObject({
  TopicArn: z.optional(z.string()),
  TargetArn: z.optional(z.string()),
  Message: z.string(),
  Subject: z.optional(z.string()),
  MessageStructure: z.optional(z.string()),
  MessageAttributes: z._default(SentAttributes, {}),
  /** Has no effect on a standard topic with e-mails. */
  MessageGroupId: z.optional(z.string()),
  MessageDeduplicationId: z.optional(
    z.never('The request includes MessageDeduplicationId parameter that is not valid for this topic type'),
  ),
});

/** One line of ASCII that begins with a letter, a digit or punctuation. */
const SUBJECT = /^[!-~][ -~]{0,99}$/;

/** Messages by protocol, in the message structure `json`. */
const Messages = z.looseObject({ default: z.string(), email: z.optional(z.string()) });

const MAXIMUM_MESSAGE_BYTES = 262_144;
/**
 * SNS suspends a subscription that would receive more e-mails. Source: AWS General Reference,
 * "Amazon SNS endpoints and quotas"; AWS re:Post Knowledge Center, "Why did I get an email from AWS
 * that states that my Amazon SNS subscription was manually deactivated?"
 */
const MAILS_PER_SECOND = 10;

interface PublisherServices {
  clock: Clock;
  log: Log;
  emails: Pick<EmailDeliveries, 'begin'>;
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
   * @throws {AwsError} if the topic does not exist, or for input that SNS refuses
   */
  async publish(input: z.infer<typeof Publish>, cause?: Cause): Promise<{ MessageId: string }> {
    const { Subject } = input;
    if (Subject !== undefined && !SUBJECT.test(Subject)) throw invalidParameter('Subject');
    if (input.Message === '') throw invalidParameter('Empty message');
    const attributes = publishedAttributes(input.MessageAttributes);
    if (Buffer.byteLength(input.Message) + sizeOfMessageAttributes(attributes) > MAXIMUM_MESSAGE_BYTES)
      throw invalidParameter('Message too long');
    const { subscriptions, awsUrl, emails } = this.#services;
    const topicArn = topicOf(input);
    const subscribers = subscriptions.list(topicArn);
    const topic = parse(topicArn).resource;
    const body = emailOf(input);
    const message = { body, attributes };
    for (const subscription of subscribers) {
      if (!subscriptions.receives(subscription, message)) continue;
      // What waited while the local cloud was stopped arrives all at once, through no fault of the
      // sender.
      const isCounted = cause === undefined || !isResumed(cause);
      if (isCounted && this.#isFlooded(subscription)) this.#suspend(subscription);
      else {
        const mail = notificationMail(awsUrl, subscription, body, Subject);
        emails.begin(mail, topic, cause);
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

  #suspend(subscription: Subscription): void {
    const { subscriptions, log } = this.#services;
    subscriptions.awaitConfirmation(subscription);
    log.error(
      'sns',
      `SUSPENDED the subscription of ${subscription.endpoint} to ${parse(subscription.topicArn).resource}: it received ` +
        `more than ${MAILS_PER_SECOND} messages in a second. It receives no more and is deleted in 48 hours. To restore it, ` +
        'subscribe it again with the same attributes and open the link in the mail.',
    );
  }
}

/** Returns the ARN of the topic, which a client may call a target. */
function topicOf({ TopicArn, TargetArn }: z.infer<typeof Publish>): string {
  if (TopicArn !== undefined) return TopicArn;
  if (TargetArn === undefined)
    throw invalidParameter('TopicArn or TargetArn', 'no value for required parameter');
  refuseMalformedArn('TargetArn', TargetArn);
  if (TargetArn.includes(':endpoint/'))
    throw invalidParameter('TargetArn', 'No endpoint found for the target arn specified');
  return TargetArn;
}

/** Returns the message for the protocol `email`. */
function emailOf({ Message, MessageStructure }: z.infer<typeof Publish>): string {
  if (MessageStructure === undefined) return Message;
  if (MessageStructure !== 'json') throw invalidParameter('MessageStructure');
  const parsed = parseJson(Message);
  if (parsed === undefined) throw invalidParameter('Message Structure - JSON message body failed to parse');
  const messages = Messages.safeParse(parsed);
  if (!messages.success) throw invalidParameter('Message Structure - No default entry in JSON message body');
  return messages.data.email ?? messages.data.default;
}
