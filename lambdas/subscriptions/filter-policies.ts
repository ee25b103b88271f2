import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { logger } from '../runtime/logger.ts';

/** The CloudWatch metric of how many filter policies an SNS topic has; its one dimension is the topic's ARN. */
export const filterPoliciesMetric = {
  namespace: 'Blog',
  metricName: 'FilterPolicies',
  dimension: 'TopicArn',
} as const;

const Attributes = z.object({
  SubscriptionsConfirmed: z.coerce.number(),
  SubscriptionsPending: z.coerce.number(),
});

/**
 * How many filter policies a topic has, as each of its subscriptions has one: SNS itself measures them for the whole
 * account only (`ApproximateNumberOfFilterPolicies`), and its quota is for a topic too. The count goes to CloudWatch by
 * the line of the log, which it reads as a metric ("Specification: Embedded metric format").
 */
export async function countFilterPolicies(sns: SNSClient, topicArn: string): Promise<number> {
  const answer = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  const { SubscriptionsConfirmed, SubscriptionsPending } = Attributes.parse(answer.Attributes);
  const count = SubscriptionsConfirmed + SubscriptionsPending;
  const { namespace, metricName, dimension } = filterPoliciesMetric;
  const metrics = {
    Namespace: namespace,
    Dimensions: [[dimension]],
    Metrics: [{ Name: metricName, Unit: 'Count' }],
  };
  logger.info('The filter policies of the topic are counted.', {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metrics] },
    [dimension]: topicArn,
    [metricName]: count,
  });
  return count;
}
