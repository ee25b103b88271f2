import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';

/** Validates an error of dynalite that stands for a refusal by DynamoDB. */
const Refusal = z.object({
  statusCode: z.number(),
  body: z.object({ __type: z.string(), message: z.optional(z.string()), Message: z.optional(z.string()) }),
});

/** Returns DynamoDB's error for a refusal by dynalite, and any other error unchanged. */
export function asRefusal(error: unknown): unknown {
  const refused = Refusal.safeParse(error);
  if (!refused.success) return error;
  const { __type, message, Message } = refused.data.body;
  const code = __type.slice(__type.indexOf('#') + 1);
  return new AwsError(code, message ?? Message ?? code, refused.data.statusCode);
}

/**
 * Calls a check of dynalite, which fails at a request that it does not expect, e.g. with `null` in a
 * map.
 * @throws DynamoDB's error
 */
export function checkedByDynalite<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal instanceof AwsError || !(error instanceof Error)) throw refusal;
    throw new AwsError(
      'SerializationException',
      'The request is malformed: a list or an object is missing, or is null.',
    );
  }
}
