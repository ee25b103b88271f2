import type { SendTarget, Step, StepKind } from '../src/core/steps.ts';

/** No `delivery`: what it hands over may be made by an input transformer, and the target of a rule wants the event. */
const SENDABLE: readonly StepKind[] = ['event', 'dead-letter', 'unmatched', 'run'];

/** Whether what passed at a step can be sent again, which has to be kept as a whole. */
export function isSendable({ kind, payload, truncated }: Step): boolean {
  return SENDABLE.includes(kind) && payload !== undefined && !truncated;
}

/**
 * The target that a sendable step was for, among those that something can be sent to: of an event the first of its rule,
 * of a run the function.
 */
export function targetOf({ kind, hop, to }: Step, targets: readonly SendTarget[]): SendTarget | undefined {
  if (kind === 'dead-letter') return targetOfQueue(hop.to, targets);
  if (kind === 'event' || kind === 'unmatched') return targets.find(({ rule }) => rule === hop.to);
  return targets.find(({ node, rule }) => node === to && rule === undefined);
}

/** The target whose dead letters go to the queue with this name. */
export function targetOfQueue(queue: string, targets: readonly SendTarget[]): SendTarget | undefined {
  return targets.find(({ queues }) => queues.includes(queue));
}

/**
 * What of a dead letter is to be sent again: of a function's failure what it was invoked with, else all of it. Source:
 * Lambda Developer Guide, "Retaining records of asynchronous invocations", "Destinations".
 */
export function payloadToSend(letter: unknown): unknown {
  return typeof letter === 'object' && letter !== null && 'requestPayload' in letter
    ? letter.requestPayload
    : letter;
}
