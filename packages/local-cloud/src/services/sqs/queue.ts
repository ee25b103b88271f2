import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { Changes } from '../../core/changes.ts';
import type { Clock } from '../../core/clock.ts';
import type { Section } from '../../core/journal.ts';
import { AwsError } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { MessageAttributes } from './message-attributes.ts';
import { invalidParameter } from './operation.ts';
import type { QueueProperties } from './queue-resource.ts';

/** A message in a queue. Times are milliseconds since the epoch. */
export const Message = z.object({
  id: z.string(),
  body: z.string(),
  attributes: MessageAttributes,
  /** Has no effect on the order of a standard queue. */
  groupId: z.optional(z.string()),
  sentAt: z.number(),
  /** The message is hidden until then. */
  visibleAt: z.number(),
  receiveCount: z.number(),
  firstReceivedAt: z.optional(z.number()),
  /** The ARN of the queue that the message was moved from. */
  movedFrom: z.optional(z.string()),
  /** The IDs of the traces that led to the message. */
  traces: z.optional(z.array(z.string())),
});
export type Message = z.infer<typeof Message>;

/** A decoded receipt handle: the ID of the message and its receive count. */
const HANDLE = /^\S+ \d+$/;

/** "The message deletion process takes up to 60 seconds" (API Reference, `PurgeQueue`). */
const PURGE_MS = 60_000;

/**
 * A standard queue. A message can be received again until it is deleted or its retention period
 * ends. With a redrive policy, it moves to the dead-letter queue after `maxReceiveCount` receipts.
 */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly properties: QueueProperties;
  /** Reports each change of the messages. */
  readonly changes = new Changes();
  readonly #messages: Message[];
  readonly #kept: Section<typeof Message>;
  readonly #clock: Clock;
  readonly #find: (arn: string) => Queue;
  readonly #waiting = new Set<() => void>();
  #purgedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param kept keeps the messages of the queue
   * @param find returns the queue with an ARN
   */
  constructor(
    { name, arn, properties }: Resource<QueueProperties>,
    kept: Section<typeof Message>,
    clock: Clock,
    find: (arn: string) => Queue,
  ) {
    this.name = name;
    this.arn = arn;
    this.properties = properties;
    this.#kept = kept;
    this.#messages = [...kept.left.values()];
    this.#clock = clock;
    this.#find = find;
  }

  /** The messages within the queue's retention period. */
  get messages(): readonly Message[] {
    const oldest = this.#clock.now() - this.properties.MessageRetentionPeriod * 1000;
    this.#keep(({ sentAt }) => sentAt > oldest);
    return this.#messages;
  }

  send(
    body: string,
    attributes: MessageAttributes,
    {
      delaySeconds = this.properties.DelaySeconds,
      groupId,
      traces,
    }: Partial<Pick<Message, 'groupId' | 'traces'>> & { delaySeconds?: number | undefined },
  ): Message {
    const now = this.#clock.now();
    const message = {
      id: randomUUID(),
      body,
      attributes,
      groupId,
      sentAt: now,
      visibleAt: now + delaySeconds * 1000,
      receiveCount: 0,
      traces,
    };
    this.#add(message);
    return message;
  }

  /** Receives up to `maximum` visible messages. Waits up to `waitSeconds` for the first one. */
  async receive(maximum: number, visibilityTimeout: number, waitSeconds: number): Promise<Message[]> {
    const deadline = this.#clock.now() + waitSeconds * 1000;
    for (;;) {
      const now = this.#clock.now();
      this.#redrive(now);
      const taken = this.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, maximum);
      for (const message of taken) this.#receive(message, visibilityTimeout);
      if (taken.length > 0 || now >= deadline) return taken;
      await this.#wait(Math.min(deadline, ...this.messages.map(({ visibleAt }) => visibleAt)) - now);
    }
  }

  /**
   * Receives the message with this ID; `undefined` if it is hidden or no longer in the queue. SQS
   * has no such operation.
   */
  receiveById(id: string, visibilityTimeout: number): Message | undefined {
    const now = this.#clock.now();
    const message = this.messages.find((candidate) => candidate.id === id && candidate.visibleAt <= now);
    if (message) this.#receive(message, visibilityTimeout);
    return message;
  }

  /**
   * Deletes the messages with these IDs, hidden or not, and returns their number. SQS has no such
   * operation.
   */
  deleteById(ids: ReadonlySet<string>): number {
    const count = this.#messages.length;
    this.#keep(({ id }) => !ids.has(id));
    return count - this.#messages.length;
  }

  /**
   * Deletes a message if this is the handle of its latest receipt. Otherwise the message stays,
   * without an error, as in AWS.
   */
  delete(handle: string): void {
    const received = this.#received(handle);
    this.#keep((message) => message !== received);
  }

  /**
   * Hides a message for that many seconds from now; 0 makes it visible immediately. As has been
   * observed, the handle of the latest receipt is valid even when the message is visible again.
   * @throws {AwsError} `InvalidParameterValue` if the message was deleted or received again
   */
  changeVisibility(handle: string, seconds: number): void {
    const message = this.#received(handle);
    if (!message) {
      const reason = 'Message does not exist or is not available for visibility timeout change';
      throw invalidParameter('ReceiptHandle', reason, handle);
    }
    message.visibleAt = this.#clock.now() + seconds * 1000;
    this.#kept.put(message.id, message);
    this.changes.report();
    this.#wake();
  }

  purge(): void {
    const now = this.#clock.now();
    if (now < this.#purgedAt + PURGE_MS) {
      const message = `Only one PurgeQueue operation on ${this.name} is allowed every 60 seconds.`;
      throw new AwsError('PurgeQueueInProgress', message, 403);
    }
    this.#purgedAt = now;
    this.#keep(() => false);
  }

  /**
   * Moves visible messages whose receive count has reached the maximum to the dead-letter queue,
   * where they keep their age. Source: SQS Developer Guide, "Using dead-letter queues in Amazon
   * SQS".
   */
  #redrive(now: number): void {
    const { RedrivePolicy } = this.properties;
    if (!RedrivePolicy) return;
    const { deadLetterTargetArn, maxReceiveCount } = RedrivePolicy;
    const isOver = (message: Message) => message.visibleAt <= now && message.receiveCount >= maxReceiveCount;
    for (const message of this.messages.filter(isOver)) {
      this.#find(deadLetterTargetArn).#add({ ...message, movedFrom: this.arn });
    }
    this.#keep((message) => !isOver(message));
  }

  #receive(message: Message, visibilityTimeout: number): void {
    const now = this.#clock.now();
    message.visibleAt = now + visibilityTimeout * 1000;
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    this.#kept.put(message.id, message);
    this.changes.report();
  }

  #add(message: Message): void {
    this.#messages.push(message);
    this.#kept.put(message.id, message);
    this.changes.report();
    this.#wake();
  }

  #keep(isKept: (message: Message) => boolean): void {
    let count = 0;
    for (const message of this.#messages) {
      if (isKept(message)) this.#messages[count++] = message;
      else this.#kept.delete(message.id);
    }
    if (count === this.#messages.length) return;
    this.#messages.length = count;
    this.changes.report();
  }

  /** Returns the message whose latest receipt has this handle. */
  #received(handle: string): Message | undefined {
    if (!HANDLE.test(Buffer.from(handle, 'base64url').toString())) {
      const message = `The input receipt handle "${handle}" is not a valid receipt handle.`;
      throw new AwsError('ReceiptHandleIsInvalid', message, 404);
    }
    return this.#messages.find((message) => receiptHandle(message) === handle);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
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

/** Returns the handle of the latest receipt of a message. The next receipt invalidates it. */
export function receiptHandle({ id, receiveCount }: Message): string {
  return Buffer.from(`${id} ${receiveCount}`).toString('base64url');
}
