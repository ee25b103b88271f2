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
    this.#wake();
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
  delete(receiptHandle: string): void {
    const message = this.#received(receiptHandle);
    if (message) this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  changeVisibility(receiptHandle: string, visibilityTimeout: number): void {
    const message = this.#received(receiptHandle);
    if (!message) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    if (message.visibleAt <= this.#clock.now()) {
      throw new AwsError('MessageNotInflight', 'The message is not in flight.');
    }
    message.visibleAt = this.#clock.now() + visibilityTimeout * 1000;
    this.#wake();
  }

  purge(): void {
    this.#messages.length = 0;
  }

  #received(receiptHandle: string): Message | undefined {
    const [id, receipt] = Buffer.from(receiptHandle, 'base64url').toString().split(' ');
    if (!id || !receipt)
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
    return this.#messages.find((message) => message.id === id && String(message.receiveCount) === receipt);
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

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** What names the latest receipt of a message, for as long as it is not received again. */
export function receiptHandle({ id, receiveCount }: Message): string {
  return Buffer.from(`${id} ${receiveCount}`).toString('base64url');
}
