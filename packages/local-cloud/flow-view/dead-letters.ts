import * as z from 'zod/mini';
import type { ArchitectureNode } from '../src/core/steps.ts';
import { jsonText, parsedJson } from './json-text.ts';

/** A queue as `GET /_local/dead-letters` lists it. The values of message attributes are strings, as they all can be. */
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

/** The node of a queue, whose name is its logical id, or ends with that. */
export function nodeOfQueue(name: string, nodes: readonly ArchitectureNode[]): ArchitectureNode | undefined {
  return nodes.find(({ id, kind }) => kind === 'queue' && (name === id || name.endsWith(`-${id}`)));
}

/** Returns how many messages wait in each queue, by the id of its node. */
export function waitingMessages(
  queues: readonly Queue[],
  nodes: readonly ArchitectureNode[],
): ReadonlyMap<string, number> {
  return new Map(
    queues.map(({ queue, messages }) => [nodeOfQueue(queue, nodes)?.id ?? queue, messages.length]),
  );
}

/** The body of a message, which is JSON or else a text. */
export function bodyOf({ body }: Message): unknown {
  const parsed = parsedJson(body);
  return 'value' in parsed ? parsed.value : body;
}

/** Why it is here, in the words of whoever gave up. */
export function reasonOf(message: Message): string {
  const attributes = Object.entries(message.attributes).filter(([name]) => !name.endsWith('_ARN'));
  const said = attributes.map(([name, { StringValue = '' }]) => `${name}: ${StringValue}`);
  const body = bodyOf(message);
  const isReport = typeof body === 'object' && body !== null && 'responsePayload' in body;
  return [...said, ...(isReport ? [jsonText(body.responsePayload)] : [])].join('\n');
}
