import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { BlogMetric } from '../runtime/blog-metrics.ts';
import { measure } from '../runtime/metrics.ts';

const Attributes = z.object({
  SubscriptionsConfirmed: z.coerce.number(),
  SubscriptionsPending: z.coerce.number(),
});

/** The numbers of subscriptions of a topic, each of which has a filter policy. */
export interface TopicSubscriptions {
  confirmed: number;
  pending: number;
}

/**
 * Counts the filter policies of a topic, one for each subscription, and writes the metric. SNS
 * itself measures them for the whole account only (`ApproximateNumberOfFilterPolicies`), but the
 * quota also applies to each topic.
 */
export async function countFilterPolicies(sns: SNSClient, topicArn: string): Promise<TopicSubscriptions> {
  const answer = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  const { SubscriptionsConfirmed: confirmed, SubscriptionsPending: pending } = parse(
    Attributes,
    answer.Attributes,
    'The answer of SNS',
  );
  measure(BlogMetric.filterPolicies, confirmed + pending, 'The filter policies of the topic are counted.');
  return { confirmed, pending };
}
