/**
 * The settings of every SDK client of a handler. Timeouts are in milliseconds. Without
 * `throwOnRequestTimeout` the SDK's `NodeHttpHandler` only warns about a slow request.
 */
export const sdkSettings = {
  maxAttempts: 3,
  // Resolves the middleware once for each command, which saves a fifth of the processor time of a
  // call. The SDK does so only for calls without options such as `abortSignal`.
  cacheMiddleware: true,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/**
 * The settings of the Comprehend client. Comprehend allows 20 calls a second by default and
 * throttles most calls of a burst. Adaptive retry lowers the client's own rate, and ten attempts
 * outlast 200 posts in one second.
 */
export const comprehendSettings = {
  ...sdkSettings,
  retryMode: 'adaptive',
  maxAttempts: 10,
  requestHandler: { ...sdkSettings.requestHandler, requestTimeout: 20_000 },
};
