import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

/** The account's limits, for a stage that sets none. Source: API Gateway Developer Guide, "Amazon API Gateway quotas". */
const DEFAULT_RATE = 10_000;
const DEFAULT_BURST = 5_000;

interface ThrottleSettings {
  ThrottlingRateLimit?: number | undefined;
  ThrottlingBurstLimit?: number | undefined;
}

/**
 * The throttle of one method or route: a stage's settings hold for each of them by itself.
 * Source: API Gateway Developer Guide, "Throttle requests to your REST APIs".
 */
export function throttleOf(settings: ThrottleSettings | undefined, clock: Clock): TokenBucket {
  return new TokenBucket(clock, {
    rate: settings?.ThrottlingRateLimit ?? DEFAULT_RATE,
    burst: settings?.ThrottlingBurstLimit ?? DEFAULT_BURST,
  });
}
