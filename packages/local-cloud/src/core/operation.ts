import type * as z from 'zod/mini';
import type { AwsError } from './service.ts';
import type { Cause } from './trace.ts';

/** Makes the service's own error of the first invalid parameter, e.g. `Entries.0.Id`. */
type Refuse = (parameter: string, reason: string) => AwsError;

/**
 * Validates an operation's input. Schemas are strict: a parameter that the local cloud does not
 * emulate is refused, never ignored.
 * @throws {AwsError} the error that `refuse` returns
 */
export function parseInput<Input>(schema: z.ZodMiniType<Input>, input: unknown, refuse: Refuse): Input {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') throw refuse(issue.keys.join(', '), 'not emulated');
  throw refuse(issue?.path.join('.') ?? '', issue?.message ?? '');
}

/** An operation of a service. It validates its input itself. */
export type Operation = (input: unknown, cause?: Cause) => object | Promise<object>;

/**
 * Returns a function that makes the operations of one service, each from the schema of its input
 * and the function that answers it.
 */
export function operationMaker(refuse: Refuse) {
  return <Input>(
    schema: z.ZodMiniType<Input>,
    answer: (input: Input, cause?: Cause) => object | Promise<object>,
  ): Operation =>
    (input, cause) =>
      answer(parseInput(schema, input, refuse), cause);
}
