import type * as z from 'zod/mini';
import { HttpProblem } from './http-answer.ts';

/**
 * Reads as `schema` has it what a request says by name: the JSON object in its body, or its query parameters.
 * @throws {HttpProblem} 400 when any is not valid, with all of these listed
 */
export function parseFields<Fields>(schema: z.ZodMiniType<Fields>, fields: object): Fields {
  const { data, error } = schema.safeParse(fields);
  if (!error) return data;
  const errors = error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message }));
  throw new HttpProblem(400, 'The request has fields that are not valid.', { errors });
}
