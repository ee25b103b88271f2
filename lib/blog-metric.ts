import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type BlogMetric, metricsNamespace } from '../lambdas/runtime/blog-metrics.ts';

/** Returns a metric that the handlers of the stack around `scope` write. */
export function blogMetric(scope: Construct, { metricName }: BlogMetric, options: MetricOptions): Metric {
  return new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: Stack.of(scope).stackName },
    ...options,
  });
}
