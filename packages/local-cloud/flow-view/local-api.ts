import * as z from 'zod/mini';
import { Refusal } from '../src/core/steps.ts';

/** Thrown if the local cloud refuses a request or does not respond. The page shows the message. */
export class LocalApiError extends Error {}

/**
 * Calls the local cloud on this page's origin and parses its response.
 * @param body sent as JSON, if present
 * @throws {LocalApiError} with the message of the local cloud
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
    throw new LocalApiError('The local cloud does not respond. Start it again.');
  }
  const json = await response.json().catch(() => undefined);
  if (!response.ok) {
    const refusal = Refusal.safeParse(json);
    throw new LocalApiError(
      refusal.success ? refusal.data.title : `The local cloud responded with the status ${response.status}.`,
    );
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw new LocalApiError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Returns the message of a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
