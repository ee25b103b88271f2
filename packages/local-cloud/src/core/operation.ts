import * as z from 'zod/mini';
import { explainIssue } from './issue.ts';
import type { AwsError } from './service.ts';
import type { Cause } from './trace.ts';

/**
 * Makes the service's own error for the first invalid parameter, e.g. `Entries.0.Id`, and its
 * value.
 */
type Refuse = (parameter: string, reason: string, value: unknown) => AwsError;

/**
 * Validates an operation's input. Schemas are strict: a parameter that the local cloud does not
 * emulate is refused, never ignored.
 * @throws {AwsError} the error that `refuse` returns
 */
export function parseInput<Input>(schema: z.ZodMiniType<Input>, input: unknown, refuse: Refuse): Input {
  const parsed = z.safeParse(schema, input, { error: explainIssue });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    throw refuse(key, 'not emulated', valueAt(input, [...place, key]));
  }
  throw refuse(place.join('.'), issue?.message ?? '', valueAt(input, place));
}

function valueAt(input: unknown, place: readonly PropertyKey[]): unknown {
  return place.reduce<unknown>((value, key) => value instanceof Object && Reflect.get(value, key), input);
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
