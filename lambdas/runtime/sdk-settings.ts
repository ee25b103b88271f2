/**
 * How every SDK client of a handler bounds and repeats its calls, times in milliseconds. Without
 * `throwOnRequestTimeout` the SDK's `NodeHttpHandler` only warns about a slow request and goes on waiting.
 */
export const sdkSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/**
 * How the Comprehend client paces itself. Comprehend allows 20 calls a second by default, so of a burst most calls are
 * throttled at first: adaptive retry lowers the client's own rate, and ten attempts outlast 200 posts in one second.
 */
export const comprehendSettings = {
  retryMode: 'adaptive',
  maxAttempts: 10,
  requestHandler: { ...sdkSettings.requestHandler, requestTimeout: 20_000 },
};
