/**
 * The names of the environment variables that the stack sets and several handlers read. A name that one handler reads
 * stands beside that handler.
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

/** Returns the value of an environment variable. Throws if it is not set. */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}
