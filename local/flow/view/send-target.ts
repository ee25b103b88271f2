import type { SendTarget, Step } from '../model.ts';

/** The target that a step was for, among those that something can be sent to; of an event, the first of its rule. */
export function targetOf(
  { kind, hop, from, to }: Step,
  targets: readonly SendTarget[],
): SendTarget | undefined {
  const [source = '', destination = ''] = hop.split(' → ');
  if (kind === 'dead-letter') return targetOfQueue(destination, targets);
  if (kind === 'event' || kind === 'unmatched') return targets.find(({ rule }) => rule === destination);
  const onNode = targets.filter(({ node }) => node === to);
  return onNode.find(({ rule }) => rule === (from === to ? undefined : source)) ?? onNode[0];
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
