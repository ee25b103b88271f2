import type { SendTarget, Step, StepKind } from '../src/core/steps.ts';

/**
 * Excludes `delivery`: its payload may come from an input transformer, and the target of a rule
 * requires the event.
 */
const SENDABLE: readonly StepKind[] = ['event', 'dead-letter', 'unmatched', 'unwanted', 'run'];

/** Returns whether the payload of a step can be sent again, which requires the whole payload. */
export function isSendable({ kind, payload, truncated }: Step): boolean {
  return SENDABLE.includes(kind) && payload !== undefined && !truncated;
}

/**
 * Returns the target of a sendable step: the first target of the rule for an event, the function
 * for a run, and the target whose queue it went to for a dead letter.
 */
export function targetOf({ kind, hop, to }: Step, targets: readonly SendTarget[]): SendTarget | undefined {
  if (kind === 'dead-letter') return targetOfQueue(hop.to, targets);
  if (kind === 'event' || kind === 'unmatched') return targets.find(({ rule }) => rule === hop.to);
  return targets.find(({ node, rule }) => node === to && rule === undefined);
}

/** Returns the target whose dead letters go to the queue with this name. */
export function targetOfQueue(queue: string, targets: readonly SendTarget[]): SendTarget | undefined {
  return targets.find(({ queues }) => queues.includes(queue));
}

/**
 * Returns the payload of a dead letter. For the record of a failed invocation, this is the payload
 * of the invocation. Source: Lambda Developer Guide, "Retaining records of asynchronous
 * invocations", "Destinations".
 */
export function payloadToSend(letter: unknown): unknown {
  return typeof letter === 'object' && letter !== null && 'requestPayload' in letter
    ? letter.requestPayload
    : letter;
}
