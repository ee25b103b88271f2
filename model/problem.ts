import * as z from 'zod/mini';

/**
 * An invalid field of a request's body, or an invalid query parameter. `path` is a JSON Pointer
 * (RFC 6901) into the body or into the object of all query parameters, for example `/title`.
 */
export const FieldError = z.object({ path: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/**
 * The body of an error response, `application/problem+json` (RFC 9457). `title` is the HTTP
 * status's reason phrase.
 */
export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** All invalid fields. */
  errors: z.optional(z.array(FieldError)),
});
export type Problem = z.infer<typeof Problem>;
