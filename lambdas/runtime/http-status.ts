import * as z from 'zod/mini';

const ServiceError = z.object({ $metadata: z.object({ httpStatusCode: z.optional(z.int()) }) });

/**
 * Returns the HTTP status with which a service answered a failed call, or nothing if it did not
 * answer. Recognize an error by its status where the API has only one error with that status: the
 * SDK gives an error its class only if the answer names its type.
 */
export function httpStatus(error: unknown): number | undefined {
  return ServiceError.safeParse(error).data?.$metadata.httpStatusCode;
}
