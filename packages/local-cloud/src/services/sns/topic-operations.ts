import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { operation } from './operation.ts';
import { NextToken } from './subscription-operations.ts';
import type { Subscriptions } from './subscriptions.ts';

const GetTopicAttributes = z.strictObject({ TopicArn: z.string() });
const ListTopics = z.strictObject({ NextToken });

/**
 * Returns the operations on topics, by name.
 * @param topics the ARNs of the topics
 */
export function topicOperations(
  topics: readonly string[],
  subscriptions: Subscriptions,
): Record<string, Operation> {
  return {
    GetTopicAttributes: operation(GetTopicAttributes, ({ TopicArn }) => {
      const all = subscriptions.list(TopicArn);
      const pending = all.filter(({ pendingSince }) => pendingSince !== null).length;
      return {
        Attributes: {
          TopicArn,
          Owner: parse(TopicArn).accountId,
          DisplayName: '',
          SubscriptionsConfirmed: String(all.length - pending),
          SubscriptionsPending: String(pending),
        },
      };
    }),
    ListTopics: operation(ListTopics, () => ({ Topics: topics.map((TopicArn) => ({ TopicArn })) })),
  };
}
