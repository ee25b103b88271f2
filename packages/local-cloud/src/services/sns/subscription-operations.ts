import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { invalidParameter, operation, refuseMalformedArn } from './operation.ts';
import { subscriptionAttributes } from './subscription-attributes.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

const SUBSCRIPTIONS_PER_PAGE = 100;
/** Source: Amazon SNS API Reference, `Subscribe`. */
const OTHER_PROTOCOLS = ['application', 'email-json', 'firehose', 'http', 'https', 'lambda', 'sms', 'sqs'];
/** The seventh element of a subscription's ARN. */
const SUBSCRIPTION_ID = /^(?:[^:]*:){6}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const Subscribe = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  Attributes: z._default(z.record(z.string(), z.string()), {}),
  // The query protocol has no booleans.
  ReturnSubscriptionArn: z._default(z.union([z.boolean(), z.stringbool()]), false),
});
const ConfirmSubscription = z.strictObject({ TopicArn: z.string(), Token: z.string() });
const Unsubscribe = z.strictObject({ SubscriptionArn: z.string() });
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
    Subscribe: operation(Subscribe, async ({ TopicArn, ReturnSubscriptionArn, ...input }) => {
      refuseEndpoint(input);
      const attributes = subscriptionAttributes(input.Attributes);
      const subscription = subscriptions.subscribe(TopicArn, input.Endpoint, attributes);
      const isPending = subscription.pendingSince !== null;
      if (isPending) mailConfirmation(subscription);
      const isHidden = isPending && !ReturnSubscriptionArn;
      return { SubscriptionArn: isHidden ? 'pending confirmation' : subscription.arn };
    }),
    ConfirmSubscription: operation(ConfirmSubscription, async ({ TopicArn, Token }) => {
      const { arn } = subscriptions.confirm(TopicArn, Token);
      return { SubscriptionArn: arn };
    }),
    Unsubscribe: operation(Unsubscribe, async ({ SubscriptionArn }) => {
      refuseMalformedArn('SubscriptionArn', SubscriptionArn);
      if (!SUBSCRIPTION_ID.test(SubscriptionArn)) throw invalidParameter('SubscriptionId');
      subscriptions.delete(SubscriptionArn);
      return {};
    }),
    GetSubscriptionAttributes: operation(GetSubscriptionAttributes, ({ SubscriptionArn }) => {
      refuseMalformedArn('SubscriptionArn', SubscriptionArn);
      return { Attributes: attributesOf(subscriptions.find(SubscriptionArn)) };
    }),
    ListSubscriptions: operation(ListSubscriptions, ({ NextToken }) => page(subscriptions.list(), NextToken)),
    ListSubscriptionsByTopic: operation(ListSubscriptionsByTopic, ({ TopicArn, NextToken }) =>
      page(subscriptions.list(TopicArn), NextToken),
    ),
  };
}

function refuseEndpoint({ Protocol, Endpoint }: { Protocol: string; Endpoint: string }): void {
  if (OTHER_PROTOCOLS.includes(Protocol)) throw invalidParameter('Protocol', `${Protocol}: not emulated`);
  if (Protocol !== 'email')
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${Protocol}`);
  if (!z.email().safeParse(Endpoint).success) throw invalidParameter('Email address');
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
