import type * as z from 'zod/mini';
import { fieldErrors } from '../model/parse.ts';
import type { FieldError } from '../model/problem.ts';

/**
 * Validates a form as the API does. Returns the body to send, or the errors that the API would
 * return.
 */
export function valid<Body>(
  schema: z.ZodMiniType<Body>,
  form: unknown,
): { body: Body } | { errors: FieldError[] } {
  const { data, error } = schema.safeParse(form);
  return error ? { errors: fieldErrors(error) } : { body: data };
}
