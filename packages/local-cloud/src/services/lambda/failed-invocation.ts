import type { FailedInvocation } from './execution-environment.ts';

/** Returns the error of a function in one line, with the place in its code where it was thrown. */
export function describeFailure({ errorType, errorMessage, trace }: FailedInvocation): string {
  const place = trace.map((line) => line.trim()).find((line) => line.startsWith('at '));
  return [`${errorType}: ${errorMessage}`, place].filter(Boolean).join(' ');
}
