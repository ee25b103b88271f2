import * as z from 'zod/mini';
import { string, Topic } from './post.ts';

const maxTopics = 10;

/**
 * A request for an e-mail for each new post in one of the topics. SNS holds the subscription: an
 * address has one subscription, with one list of topics.
 */
export const NewSubscription = z.object({
  /** The maximum length is SMTP's (RFC 5321, 4.5.3.1.3, without the angle brackets). */
  email: string.check(
    z.trim(),
    z.maxLength(254, 'must be at most 254 characters'),
    z.email('must be an e-mail address'),
  ),
  topics: z
    .array(Topic, {
      error: ({ input }) => (input === undefined ? 'is required' : 'must be a list of topics'),
    })
    .check(
      z.minLength(1, 'must name a topic'),
      z.maxLength(maxTopics, `must name at most ${maxTopics} topics`),
      z.overwrite((topics) => [...new Set(topics)]),
    ),
});
export type NewSubscription = z.infer<typeof NewSubscription>;

/** The response to every successful subscription, whether SNS knew the address or not. */
export const PendingSubscription = z.object({ status: z.literal('pending confirmation') });
export type PendingSubscription = z.infer<typeof PendingSubscription>;
