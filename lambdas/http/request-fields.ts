import type * as z from 'zod/mini';
import { fieldErrors } from '../../model/parse.ts';
import { HttpProblem } from './http-answer.ts';

/**
 * Parses the named fields of a request with `schema`: the JSON object in its body or its query
 * parameters.
 * @throws {HttpProblem} 400 if fields are invalid, with a list of all of them
 */
export function parseFields<Fields>(schema: z.ZodMiniType<Fields>, fields: object): Fields {
  const { data, error } = schema.safeParse(fields);
  if (!error) return data;
  throw new HttpProblem(400, 'The request has fields that are not valid.', { errors: fieldErrors(error) });
}
