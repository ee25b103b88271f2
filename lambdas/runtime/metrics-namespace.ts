/** The CloudWatch namespace of the metrics that handlers write. */
export const metricsNamespace = 'Blog';
