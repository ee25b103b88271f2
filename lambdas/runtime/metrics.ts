import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricsNamespace } from './metrics-namespace.ts';

/**
 * Writes each metric, when it is added, as a line of the log that CloudWatch reads as a metric
 * ("Specification: Embedded metric format"). A metric has the dimensions added before it, and no
 * default dimension.
 */
export const metrics = new Metrics({ namespace: metricsNamespace, singleMetric: true });
metrics.clearDefaultDimensions();
