import * as z from 'zod/mini';

/** The value of the header `Idempotency-Key`: 1 to 255 visible characters of ASCII. */
export const IdempotencyKey = z.string().check(z.regex(/^[!-~]{1,255}$/));
