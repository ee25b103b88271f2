import type * as z from 'zod/mini';
import { parseInput } from '../../core/operation-input.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';

/** An operation of SNS. It validates its input itself. */
export type Operation = (input: unknown, cause: Cause | undefined) => object | Promise<object>;

/** Returns an operation that answers input of this schema by `run` and refuses any other. */
export function operation<Input>(
  schema: z.ZodMiniType<Input>,
  run: (input: Input, cause: Cause | undefined) => object | Promise<object>,
): Operation {
  return (input, cause) => run(parseInput(schema, input, invalidParameter), cause);
}

export function invalidParameter(parameter: string, reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${parameter} Reason: ${reason}`);
}
