import * as z from 'zod/mini';

/**
 * The headers in an API Gateway REST API event, by names in lower case. The event has them as the
 * client spelled them, and HTTP header names are case-insensitive.
 */
export const RequestHeaders = z.pipe(
  z.record(z.string(), z.string()),
  z.transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  ),
);
