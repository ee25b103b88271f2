import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { AwsError } from '../service.ts';
import type { Resource } from '../template/resource.ts';
import { MessageAttributes } from './message-attributes.ts';
import type { QueueProperties } from './queue-resource.ts';

/** A message in a queue. Times are milliseconds since the epoch. */
export const Message = z.object({
  id: z.string(),
  body: z.string(),
  attributes: MessageAttributes,
  sentAt: z.number(),
  /** Nobody receives it before. */
  visibleAt: z.number(),
  receiveCount: z.number(),
  firstReceivedAt: z.optional(z.number()),
});
export type Message = z.infer<typeof Message>;

/** What a receipt handle encodes: the message's id and how often it had been received. */
const HANDLE = /^\S+ \d+$/;

/** A standard queue: what was sent to it is received again and again until it is deleted or too old. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly properties: QueueProperties;
  readonly #messages: Message[];
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  /** @param messages where the queue keeps its messages; changed in place */
  constructor({ name, arn, properties }: Resource<QueueProperties>, messages: Message[], clock: Clock) {
    this.name = name;
    this.arn = arn;
    this.properties = properties;
    this.#messages = messages;
    this.#clock = clock;
  }

  /** Those that are neither deleted nor older than the queue keeps them, oldest first. */
  get messages(): readonly Message[] {
    const oldest = this.#clock.now() - this.properties.MessageRetentionPeriod * 1000;
    const fresh = this.#messages.findIndex(({ sentAt }) => sentAt > oldest);
    this.#messages.splice(0, fresh === -1 ? this.#messages.length : fresh);
    return this.#messages;
  }

  send(body: string, attributes: MessageAttributes, delaySeconds = this.properties.DelaySeconds): Message {
    const now = this.#clock.now();
    const message = {
      id: randomUUID(),
      body,
      attributes,
      sentAt: now,
      visibleAt: now + delaySeconds * 1000,
      receiveCount: 0,
    };
    this.#messages.push(message);
    for (const wake of [...this.#waiting]) wake();
    return message;
  }

  /** Takes up to `maximum` visible messages, and waits up to `waitSeconds` for the first. */
  async receive(maximum: number, visibilityTimeout: number, waitSeconds: number): Promise<Message[]> {
    const deadline = this.#clock.now() + waitSeconds * 1000;
    for (;;) {
      const now = this.#clock.now();
      const taken = this.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, maximum);
      for (const message of taken) {
        message.visibleAt = now + visibilityTimeout * 1000;
        message.receiveCount += 1;
        message.firstReceivedAt ??= now;
      }
      if (taken.length > 0 || now >= deadline) return taken;
      await this.#wait(Math.min(deadline, ...this.messages.map(({ visibleAt }) => visibleAt)) - now);
    }
  }

  /** Deletes a message, if this is the handle of its latest receipt; else it stays, without an error, as in AWS. */
  delete(handle: string): void {
    if (!HANDLE.test(Buffer.from(handle, 'base64url').toString())) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
    }
    const index = this.#messages.findIndex((message) => receiptHandle(message) === handle);
    if (index !== -1) this.#messages.splice(index, 1);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#clock.schedule(wake, ms);
      this.#waiting.add(wake);
    });
  }
}

/** What names the latest receipt of a message, for as long as it is not received again. */
export function receiptHandle({ id, receiveCount }: Message): string {
  return Buffer.from(`${id} ${receiveCount}`).toString('base64url');
}
