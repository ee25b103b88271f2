import type * as z from 'zod/mini';
import type { FieldError } from './problem.ts';

/**
 * The maximum number of invalid fields that a message names. The message may be sent to a queue.
 */
const maxPaths = 10;

/** Thrown if data does not have the form that its reader needs. The message is a sentence. */
export class InvalidData extends Error {
  // Lambda and the logger report the name, and a minified bundle renames the class.
  override readonly name = 'InvalidData';

  /**
   * @param what the subject of the sentence, for example `The event`
   * @param error what zod reports; its own message is a page of JSON
   */
  constructor(what: string, error: z.core.$ZodError) {
    const paths = [...new Set(fieldErrors(error).map(({ path }) => path))];
    const places = paths.includes('/') ? '' : ` at ${paths.slice(0, maxPaths).join(', ')}`;
    const more = places && paths.length > maxPaths ? ` and ${paths.length - maxPaths} more` : '';
    super(`${what} is invalid${places}${more}.`);
  }
}

/**
 * Parses data by a schema.
 * @param what the subject of the error's sentence, for example `The event`
 * @throws {InvalidData} with the paths of the invalid fields
 */
export function parse<Data>(schema: z.ZodMiniType<Data>, data: unknown, what: string): Data {
  const result = schema.safeParse(data);
  if (!result.success) throw new InvalidData(what, result.error);
  return result.data;
}

/** Lists the fields that zod reports as invalid. The path of the data as a whole is `/`. */
export function fieldErrors({ issues }: z.core.$ZodError): FieldError[] {
  return issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message }));
}
