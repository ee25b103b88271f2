import * as z from 'zod/mini';
import type { ArchitectureEdge, ArchitectureNode } from '../src/core/steps.ts';
import { jsonText, parsedJson } from './json-text.ts';

/**
 * A queue from `GET /_local/dead-letters`. Message attributes of every type can be read as strings.
 */
const Queue = z.object({
  queue: z.string(),
  messages: z.array(
    z.object({
      id: z.string(),
      body: z.string(),
      sentAt: z.number(),
      attributes: z.record(z.string(), z.object({ StringValue: z.optional(z.string()) })),
    }),
  ),
});
export type Queue = z.infer<typeof Queue>;
export type Message = Queue['messages'][number];

export const Queues = z.array(Queue);

/** Returns the node of a queue. The name of the queue is its logical ID, or ends with it. */
export function nodeOfQueue(name: string, nodes: readonly ArchitectureNode[]): ArchitectureNode | undefined {
  return nodes.find(({ id, kind }) => kind === 'queue' && (name === id || name.endsWith(`-${id}`)));
}

/** Returns the number of messages in each queue, by the ID of its node. */
export function waitingMessages(
  queues: readonly Queue[],
  nodes: readonly ArchitectureNode[],
): ReadonlyMap<string, number> {
  return new Map(
    queues.map(({ queue, messages }) => [nodeOfQueue(queue, nodes)?.id ?? queue, messages.length]),
  );
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
export function bodyOf({ body }: Message): unknown {
  const parsed = parsedJson(body);
  return 'value' in parsed ? parsed.value : body;
}

/** Returns the reason for the dead letter, in the words of the service that gave up. */
export function reasonOf(message: Message): string {
  const attributes = Object.entries(message.attributes).filter(([name]) => !name.endsWith('_ARN'));
  const said = attributes.map(([name, { StringValue = '' }]) => `${name}: ${StringValue}`);
  const body = bodyOf(message);
  const isReport = typeof body === 'object' && body !== null && 'responsePayload' in body;
  return [...said, ...(isReport ? [jsonText(body.responsePayload)] : [])].join('\n');
}
