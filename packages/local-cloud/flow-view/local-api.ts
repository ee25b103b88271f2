import * as z from 'zod/mini';
import { Refusal } from '../src/core/steps.ts';

/** The local cloud refused a request, or did not answer; `message` is for the reader. */
export class LocalApiError extends Error {}

/**
 * Calls the local cloud on this page's origin and parses its answer.
 * @param body sent as JSON, if it is given
 * @throws {LocalApiError} with what the local cloud said
 */
export async function call<T>(
  method: string,
  path: string,
  answer: z.ZodMiniType<T>,
  body?: unknown,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body !== undefined && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new LocalApiError('The local cloud does not answer.');
  }
  const json = await response.json().catch(() => undefined);
  if (!response.ok) {
    const refusal = Refusal.safeParse(json);
    throw new LocalApiError(
      refusal.success ? refusal.data.title : `The local cloud answered ${response.status}.`,
    );
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw new LocalApiError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** What is said to the reader of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
