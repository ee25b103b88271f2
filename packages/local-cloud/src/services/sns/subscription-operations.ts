import { parse, validate } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { FilterPolicyScope } from './filter-policy.ts';
import { operation } from './operation.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

const SUBSCRIPTIONS_PER_PAGE = 100;

const Subscribe = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.literal('email', 'Amazon SNS does not support this protocol string'),
  Endpoint: z.email('Email address'),
  Attributes: z._default(
    z.strictObject({
      FilterPolicy: z.optional(z.string()),
      FilterPolicyScope: z.optional(FilterPolicyScope),
    }),
    {},
  ),
  // The query protocol has no booleans.
  ReturnSubscriptionArn: z._default(z.union([z.boolean(), z.stringbool()]), false),
});
const ConfirmSubscription = z.strictObject({ TopicArn: z.string(), Token: z.string() });
const Unsubscribe = z.strictObject({
  SubscriptionArn: z.string().check(z.refine(validate, 'An ARN must have at least 6 elements')),
});
const GetSubscriptionAttributes = z.strictObject({ SubscriptionArn: z.string() });
export const NextToken = z.optional(z.string().check(z.regex(/^\d+$/)));
const ListSubscriptions = z.strictObject({ NextToken });
const ListSubscriptionsByTopic = z.strictObject({ TopicArn: z.string(), NextToken });

/**
 * Returns the operations on subscriptions, by name.
 * @param mailConfirmation asks the address of a pending subscription to confirm it
 */
export function subscriptionOperations(
  subscriptions: Subscriptions,
  mailConfirmation: (subscription: Subscription) => void,
): Record<string, Operation> {
  return {
    /**
     * An address has one subscription to a topic. While it is pending, each further call sends the
     * e-mail again.
     */
    Subscribe: operation(Subscribe, async ({ TopicArn, Endpoint, Attributes, ReturnSubscriptionArn }) => {
      const subscription = await subscriptions.subscribe(TopicArn, Endpoint, Attributes);
      const isPending = subscription.pendingSince !== null;
      if (isPending) mailConfirmation(subscription);
      const isHidden = isPending && !ReturnSubscriptionArn;
      return { SubscriptionArn: isHidden ? 'pending confirmation' : subscription.arn };
    }),
    ConfirmSubscription: operation(ConfirmSubscription, async ({ TopicArn, Token }) => {
      const { arn } = await subscriptions.confirm(TopicArn, Token);
      return { SubscriptionArn: arn };
    }),
    Unsubscribe: operation(Unsubscribe, async ({ SubscriptionArn }) => {
      await subscriptions.delete(SubscriptionArn);
      return {};
    }),
    GetSubscriptionAttributes: operation(GetSubscriptionAttributes, ({ SubscriptionArn }) => ({
      Attributes: attributesOf(subscriptions.find(SubscriptionArn)),
    })),
    ListSubscriptions: operation(ListSubscriptions, ({ NextToken }) => page(subscriptions.list(), NextToken)),
    ListSubscriptionsByTopic: operation(ListSubscriptionsByTopic, ({ TopicArn, NextToken }) =>
      page(subscriptions.list(TopicArn), NextToken),
    ),
  };
}

function described({ arn, topicArn, endpoint }: Subscription) {
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Owner: parse(topicArn).accountId,
    Protocol: 'email',
    Endpoint: endpoint,
  };
}

function attributesOf(subscription: Subscription): Record<string, string> {
  const { pendingSince, filterPolicy, filterPolicyScope } = subscription;
  return {
    ...described(subscription),
    PendingConfirmation: String(pendingSince !== null),
    ConfirmationWasAuthenticated: 'false',
    RawMessageDelivery: 'false',
    ...(filterPolicy !== undefined && { FilterPolicy: filterPolicy, FilterPolicyScope: filterPolicyScope }),
  };
}

function page(subscriptions: readonly Subscription[], token = '0'): object {
  const end = Number(token) + SUBSCRIPTIONS_PER_PAGE;
  return {
    Subscriptions: subscriptions.slice(Number(token), end).map((subscription) => ({
      ...described(subscription),
      SubscriptionArn: subscription.pendingSince === null ? subscription.arn : 'PendingConfirmation',
    })),
    ...(end < subscriptions.length && { NextToken: String(end) }),
  };
}
