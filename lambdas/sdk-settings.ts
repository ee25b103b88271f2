/**
 * How every SDK client of a handler bounds and repeats its calls, times in milliseconds. Without
 * `throwOnRequestTimeout` the SDK's `NodeHttpHandler` only warns about a slow request and goes on waiting.
 */
export const sdkSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
