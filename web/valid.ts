import type * as z from 'zod/mini';
import type { FieldError } from '../model/problem.ts';

/** Reads a form as the API will, and gives what to send; or the errors that the API would answer, without asking it. */
export function valid<Body>(
  schema: z.ZodMiniType<Body>,
  form: unknown,
): { body: Body } | { errors: FieldError[] } {
  const { data, error } = schema.safeParse(form);
  if (!error) return { body: data };
  return { errors: error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message })) };
}
