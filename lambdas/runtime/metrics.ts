import { Metrics } from '@aws-lambda-powertools/metrics';
import { type BlogMetric, metricsNamespace } from './blog-metrics.ts';
import { logger } from './logger.ts';

const metrics = new Metrics({ namespace: metricsNamespace, singleMetric: true });

/**
 * Writes a value of a metric as a line of the log, which CloudWatch reads as a metric
 * ("Specification: Embedded metric format"). The line also has the message and the correlation ID
 * of a log line, so an event that is measured need not be logged as well.
 * @param fields further fields of the line
 */
export function measure(
  { metricName, unit }: BlogMetric,
  value: number,
  message: string,
  fields: Readonly<Record<string, string | undefined>> = {},
): void {
  const line = { level: 'INFO', message, correlation_id: String(logger.getCorrelationId()), ...fields };
  for (const [name, text] of Object.entries(line)) if (text !== undefined) metrics.addMetadata(name, text);
  metrics.addMetric(metricName, unit, value);
}
