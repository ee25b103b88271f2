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

interface MethodSettings extends ThrottleSettings {
  HttpMethod: string;
  ResourcePath: string;
}

/**
 * Returns the settings of one method of a stage: its own, or those of all methods for a limit that
 * its own do not set. In `ResourcePath`, each slash after the first one is `~1`. Source:
 * CloudFormation Template Reference, "AWS::ApiGateway::Stage MethodSetting".
 */
export function settingsOf(
  settings: readonly MethodSettings[],
  method: string,
  path: string,
): ThrottleSettings {
  const resourcePath = `/${path === '/' ? '' : path.replaceAll('/', '~1')}`;
  const ofAll = settings.find(({ HttpMethod }) => HttpMethod === '*');
  const own = settings.find(
    ({ HttpMethod, ResourcePath }) => HttpMethod === method && ResourcePath === resourcePath,
  );
  return { ...ofAll, ...own };
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
