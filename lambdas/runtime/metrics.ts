import { Metrics } from '@aws-lambda-powertools/metrics';

/** The CloudWatch namespace of the metrics that handlers write. */
export const metricsNamespace = 'Blog';

/**
 * Writes each metric, when it is added, as a line of the log that CloudWatch reads as a metric
 * ("Specification: Embedded metric format"). A metric has the dimensions added before it, and no
 * default dimension.
 */
export const metrics = new Metrics({ namespace: metricsNamespace, singleMetric: true });
metrics.clearDefaultDimensions();
