import * as z from 'zod/mini';

/**
 * A field of a request's body, or a query parameter, that is not valid. `path` is a JSON Pointer (RFC 6901) into the body, or
 * into the object of all query parameters, e.g. `/title`.
 */
export const FieldError = z.object({ path: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/** The body of an error answer, `application/problem+json` (RFC 9457). `title` is the phrase of the HTTP status. */
export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** Every field that is not valid. */
  errors: z.optional(z.array(FieldError)),
});
export type Problem = z.infer<typeof Problem>;
