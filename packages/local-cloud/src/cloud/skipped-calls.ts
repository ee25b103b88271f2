import { AwsError } from '../core/service.ts';
import { placeholdersIn } from '../template/placeholder.ts';
import type { Template } from '../template/template.ts';

/**
 * Returns why the resource of a call to a service, e.g. `sqs`, is skipped; `undefined` if it is not
 * skipped.
 */
export type SkippedIn = (service: string, input: unknown) => string | undefined;

/** Returns a function that finds the skipped resources of a template in calls. */
export function skippedInCallsOf({ skipped }: Template): SkippedIn {
  if (skipped.list.length === 0) return () => undefined;
  return (service, input) => {
    const names = [...placeholdersIn(input), ...textsIn(input)];
    return names.map((name) => skipped.sentence(name, service)).find((sentence) => sentence !== undefined);
  };
}

/**
 * Refuses a call about a skipped resource.
 * @throws {AwsError} `UnsupportedResource`, which is not an AWS error; the message names the
 * resource
 */
export function refuseSkipped(skippedIn: SkippedIn, service: string, input: unknown): void {
  const sentence = skippedIn(service, input);
  if (sentence !== undefined) throw new AwsError('UnsupportedResource', sentence);
}

/**
 * Returns each text in a value: the resource of a call is named by a value or, in a batch, by a
 * key.
 */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]);
}
