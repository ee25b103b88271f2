/*
 * The headers between a client and a Lambda integration that API Gateway does not pass on as they
 * are. Source: API Gateway Developer Guide, "Amazon API Gateway important notes", table of headers.
 */

const REMAPPED_IN_RESPONSES = new Set([
  'authorization',
  'connection',
  // The page says that it is passed on; AWS has been observed to remap it, and to send the length
  // of the body.
  'content-length',
  'content-md5',
  'date',
  'max-forwards',
  'server',
  'user-agent',
  'www-authenticate',
]);

const DROPPED_FROM_RESPONSES = new Set([
  'expect',
  'host',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const DROPPED_FROM_REQUESTS = new Set([
  'connection',
  // Observed: no event has it.
  'content-length',
  'content-md5',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

/**
 * Returns the headers that the client receives for those of an integration. Headers that frame the
 * response are API Gateway's own, so a wrong value cannot break the connection.
 */
export function clientHeaders(headers: readonly [string, string][]): [string, string][] {
  return headers
    .filter(([name]) => !DROPPED_FROM_RESPONSES.has(name.toLowerCase()))
    .map(([name, value]) => [
      REMAPPED_IN_RESPONSES.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name,
      value,
    ]);
}

/** Returns whether a header of a request reaches the integration. A signature does not. */
export function reachesIntegration(name: string, value: string): boolean {
  const key = name.toLowerCase();
  return !DROPPED_FROM_REQUESTS.has(key) && !(key === 'authorization' && value.startsWith('AWS4-'));
}
