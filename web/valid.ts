import type * as z from 'zod/mini';
import type { FieldError } from '../model/problem.ts';

/**
 * Validates a form as the API does. Returns the body to send, or the errors that the API would
 * answer.
 */
export function valid<Body>(
  schema: z.ZodMiniType<Body>,
  form: unknown,
): { body: Body } | { errors: FieldError[] } {
  const { data, error } = schema.safeParse(form);
  if (!error) return { body: data };
  return { errors: error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message })) };
}
