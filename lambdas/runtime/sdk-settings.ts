/**
 * The retries and timeouts, in milliseconds, of every SDK client of a handler. Without
 * `throwOnRequestTimeout` the SDK's `NodeHttpHandler` only warns about a slow request.
 */
export const sdkSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/**
 * The settings of the Comprehend client. Comprehend allows 20 calls a second by default and
 * throttles most calls of a burst. Adaptive retry lowers the client's own rate, and ten attempts
 * outlast 200 posts in one second.
 */
export const comprehendSettings = {
  retryMode: 'adaptive',
  maxAttempts: 10,
  requestHandler: { ...sdkSettings.requestHandler, requestTimeout: 20_000 },
};
