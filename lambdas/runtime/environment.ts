/**
 * The names of the environment variables that the stack sets and the handlers read, written once for both.
 */
export const Environment = {
  postsTable: 'POSTS_TABLE',
  connectionsTable: 'CONNECTIONS_TABLE',
  blogBus: 'BLOG_BUS',
  webSocketBus: 'WEBSOCKET_BUS',
  unpublishedUpdatesQueue: 'UNPUBLISHED_UPDATES_QUEUE',
  topic: 'TOPIC_ARN',
  requestLimitsTable: 'REQUEST_LIMITS_TABLE',
  filterPolicyQuota: 'FILTER_POLICY_QUOTA',
} as const;

/** The value of an environment variable that the stack sets. */
export function environment(name: (typeof Environment)[keyof typeof Environment]): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}
