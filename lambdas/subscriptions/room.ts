import type { TopicSubscriptions } from './filter-policies.ts';

/** Who may have a new filter policy: everybody, each IP address once in 48 hours, or nobody. */
export type Room = 'for everybody' | 'in reserve' | 'none';

/**
 * Returns the room for another pending subscription. Pending subscriptions share the filter
 * policies that the confirmed ones leave, and half of these are a reserve. Without it, a few IP
 * addresses could take them all with invented addresses: SNS keeps a pending subscription for 48
 * hours, and nobody can end it (Amazon SNS API Reference, "Subscribe").
 */
export function roomFor({ confirmed, pending }: TopicSubscriptions, quota: number): Room {
  const left = quota - confirmed;
  if (pending >= left) return 'none';
  return pending < left / 2 ? 'for everybody' : 'in reserve';
}
