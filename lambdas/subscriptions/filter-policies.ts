import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { logger } from '../runtime/logger.ts';
import { metrics } from '../runtime/metrics.ts';
import { filterPoliciesMetric } from './filter-policies-metric.ts';

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
  const { metricName, dimension } = filterPoliciesMetric;
  metrics
    // The metric is also a log line, so it has the fields of the other lines.
    .addMetadata('level', 'INFO')
    .addMetadata('message', 'The filter policies of the topic are counted.')
    .addMetadata('correlation_id', String(logger.getCorrelationId()))
    .addDimension(dimension, topicArn)
    .addMetric(metricName, 'Count', confirmed + pending);
  return { confirmed, pending };
}
