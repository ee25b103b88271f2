/** The CloudWatch namespace of the metrics that handlers write. */
export const metricsNamespace = 'Blog';

/**
 * The environment variable with the value of the metrics' one dimension, `service`: the name of the
 * stack (Powertools for AWS Lambda (TypeScript), "Environment variables").
 */
export const SERVICE_NAME = 'POWERTOOLS_SERVICE_NAME';

/**
 * The metrics that handlers write. Each one costs $0.30 a month in each stack, beyond the first ten
 * of the account, so a metric has no further dimension, and the number of pushed posts is the
 * number of values of `TimeToPush`.
 */
export const BlogMetric = {
  /** A post is saved. */
  postsAccepted: { metricName: 'PostsAccepted', unit: 'Count' },
  /** A post is announced on the blog bus, by `create-post` or by the relay. */
  postsAnnounced: { metricName: 'PostsAnnounced', unit: 'Count' },
  postsEnriched: { metricName: 'PostsEnriched', unit: 'Count' },
  /** A post is marked as one that can never be enriched. */
  postsNotEnriched: { metricName: 'PostsNotEnriched', unit: 'Count' },
  /** The time from the creation of a post to the first push of its enrichment. */
  timeToPush: { metricName: 'TimeToPush', unit: 'Milliseconds' },
  connectionsOpened: { metricName: 'ConnectionsOpened', unit: 'Count' },
  /** API Gateway does its best to report the end of a connection, so some ends are missing. */
  connectionsClosed: { metricName: 'ConnectionsClosed', unit: 'Count' },
  /** The filter policies of the SNS topic, one for each subscription. */
  filterPolicies: { metricName: 'FilterPolicies', unit: 'Count' },
} as const;
export type BlogMetric = (typeof BlogMetric)[keyof typeof BlogMetric];
