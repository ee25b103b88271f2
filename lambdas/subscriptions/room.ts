import type { TopicSubscriptions } from './filter-policies.ts';

/**
 * The callers that may have a new filter policy: everybody, each IP address once in 48 hours, or
 * nobody.
 */
export type Room = 'for everybody' | 'in reserve' | 'none';

/**
 * Returns the room for another pending subscription. Pending subscriptions share nine tenths of the
 * filter policies that the confirmed ones leave. From half of these policies on, they take a
 * reserve. Without it, a few IP addresses could take them all with invented addresses: SNS keeps a
 * pending subscription for 48 hours, and nobody can end it (Amazon SNS API Reference, "Subscribe").
 * The last tenth is for requests that arrive at the same moment, and see the same numbers.
 */
export function roomFor({ confirmed, pending }: TopicSubscriptions, quota: number): Room {
  const left = quota - confirmed;
  if (pending >= 0.9 * left) return 'none';
  return pending < left / 2 ? 'for everybody' : 'in reserve';
}
