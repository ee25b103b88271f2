import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';

/*
 * The constraints of parameters in the EventBridge API Reference, with the messages of the service.
 */

/** Returns a schema of a text within limits of its length, and of a pattern if there is one. */
export function constrained(minimum: number, maximum: number, pattern?: RegExp) {
  return z.string().check(
    z.minLength(minimum, `Member must have length greater than or equal to ${minimum}`),
    z.maxLength(maximum, `Member must have length less than or equal to ${maximum}`),
    z.refine(
      (text) => pattern === undefined || pattern.test(text),
      `Member must satisfy regular expression pattern: ${pattern?.source.replace(/^\^|\$$/g, '')}`,
    ),
  );
}

/** The name of a rule, or the ID of a target. */
export const Identifier = constrained(1, 64, /^[.\-_A-Za-z0-9]+$/);

/**
 * Returns the error of a parameter that violates a constraint.
 * @param parameter the path of the parameter, e.g. `Entries.0.TraceHeader`
 */
export function violation(parameter: string, reason: string, value: unknown): AwsError {
  if (!reason.startsWith('Member must'))
    return new AwsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}.`);
  const place = parameter
    .split('.')
    .map((part) =>
      /^\d+$/.test(part) ? `${Number(part) + 1}.member` : part.charAt(0).toLowerCase() + part.slice(1),
    )
    .join('.');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const message = `Value '${text}' at '${place}' failed to satisfy constraint: ${reason}`;
  return new AwsError('ValidationException', `1 validation error detected: ${message}`);
}
