import * as z from 'zod/mini';

/**
 * The headers in an event of an API Gateway REST API, which has their names as the client spelled them, in lower case,
 * since HTTP takes them in any.
 */
export const RequestHeaders = z.pipe(
  z.record(z.string(), z.string()),
  z.transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  ),
);
