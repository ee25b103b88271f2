import { metricsNamespace } from '../runtime/metrics-namespace.ts';

/**
 * The CloudWatch metric that counts the filter policies of an SNS topic. Its one dimension is the
 * topic's ARN.
 */
export const filterPoliciesMetric = {
  namespace: metricsNamespace,
  metricName: 'FilterPolicies',
  dimension: 'TopicArn',
} as const;
