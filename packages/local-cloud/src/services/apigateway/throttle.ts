import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

/**
 * The account's limits, which apply to a stage without limits. Source: API Gateway Developer Guide,
 * "Amazon API Gateway quotas".
 */
const DEFAULT_RATE = 10_000;
const DEFAULT_BURST = 5_000;

interface ThrottleSettings {
  ThrottlingRateLimit?: number | undefined;
  ThrottlingBurstLimit?: number | undefined;
}

/**
 * Returns the throttle of one method or route. The settings of a stage apply to each of them
 * separately.
 * Source: API Gateway Developer Guide, "Throttle requests to your REST APIs".
 */
export function throttleOf(settings: ThrottleSettings | undefined, clock: Clock): TokenBucket {
  return new TokenBucket(clock, {
    rate: settings?.ThrottlingRateLimit ?? DEFAULT_RATE,
    burst: settings?.ThrottlingBurstLimit ?? DEFAULT_BURST,
  });
}
