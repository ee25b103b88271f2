import * as z from 'zod/mini';
import type { QueueContents, QueueMessage } from '../src/core/queue-contents.ts';
import type { ArchitectureEdge } from '../src/core/steps.ts';
import { jsonText, parsedJson } from './json-text.ts';

/** Lambda's error object, with the lines of the stack. */
const Traced = z.object({ trace: z.array(z.string()).check(z.minLength(1)) });

/** Returns the number of messages in each queue, by the ID of its node. */
export function waitingMessages(queues: readonly QueueContents[]): ReadonlyMap<string, number> {
  return new Map(queues.map(({ node, count }) => [node, count]));
}

/**
 * Returns the number of messages in the queues that the hops lead to. Several hops can lead to one
 * queue: a function can both send messages to it and have its failed invocations go there.
 */
export function waitingBehind(
  hops: readonly Pick<ArchitectureEdge, 'to'>[],
  waiting: ReadonlyMap<string, number>,
): number {
  const queues = new Set(hops.map(({ to }) => to));
  return [...queues].reduce((sum, queue) => sum + (waiting.get(queue) ?? 0), 0);
}

/** Returns the body of a message, parsed if it is JSON. */
export function bodyOf({ body }: Pick<QueueMessage, 'body'>): unknown {
  const parsed = parsedJson(body);
  return 'value' in parsed ? parsed.value : body;
}

/** Returns the reason for the dead letter in full, in the words of the service that gave up. */
export function reasonOf(message: Pick<QueueMessage, 'attributes' | 'body'>): string {
  const attributes = Object.entries(message.attributes).filter(([name]) => !name.endsWith('_ARN'));
  const said = attributes.map(([name, { StringValue = '' }]) => `${name}: ${StringValue}`);
  const body = bodyOf(message);
  const isReport = typeof body === 'object' && body !== null && 'responsePayload' in body;
  return [...said, ...(isReport ? [errorText(body.responsePayload)] : [])].join('\n');
}

/** Returns the error of a function as its stack, if it has one. */
function errorText(error: unknown): string {
  const { data } = Traced.safeParse(error);
  return data ? data.trace.join('\n') : jsonText(error);
}
