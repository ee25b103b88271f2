import type * as z from 'zod/mini';
import type { AwsError } from './service.ts';

/**
 * An operation's input, checked. Schemas are strict: a parameter that the local cloud does not emulate is refused,
 * never ignored.
 * @param refuse makes the service's own error of the first thing wrong; `parameter` is e.g. `Entries.0.Id`
 */
export function parseInput<Input>(
  schema: z.ZodMiniType<Input>,
  input: unknown,
  refuse: (parameter: string, reason: string) => AwsError,
): Input {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') throw refuse(issue.keys.join(', '), 'not emulated');
  throw refuse(issue?.path.join('.') ?? '', issue?.message ?? '');
}
