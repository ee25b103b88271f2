import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { parseInput } from '../operation-input.ts';
import { AwsError, type Service } from '../service.ts';
import { Store } from '../store.ts';
import type { Resource } from '../template/resource.ts';
import {
  MessageAttributes,
  md5OfMessageAttributes,
  selectMessageAttributes,
  sizeOfMessageAttributes,
} from './message-attributes.ts';
import { Message, Queue, receiptHandle } from './queue.ts';
import type { QueueProperties } from './queue-resource.ts';

/** The messages of each queue, by its name. */
const State = z.record(z.string(), z.array(Message));
type State = z.infer<typeof State>;

const MAXIMUM_BATCH_BYTES = 1_048_576;

/** What a message may consist of, by the API reference of `SendMessage`. */
const ALLOWED_CHARACTERS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

const seconds = (maximum: number) => z.number().check(z.int(), z.gte(0), z.lte(maximum));
const DelaySeconds = seconds(900);
const VisibilityTimeout = seconds(12 * 3600);

const QueueUrl = z.strictObject({ QueueUrl: z.string() });
const SentMessage = z.strictObject({
  MessageBody: z.string().check(z.minLength(1)),
  DelaySeconds: z.optional(DelaySeconds),
  MessageAttributes: z._default(MessageAttributes, {}),
});
type SentMessage = z.infer<typeof SentMessage>;
const BatchEntryId = z.strictObject({ Id: z.string().check(z.regex(/^[\w-]{1,80}$/)) });
const ReceiptHandle = z.strictObject({ ReceiptHandle: z.string() });

const SendMessage = z.extend(SentMessage, QueueUrl.shape);
const SendMessageBatch = z.extend(QueueUrl, { Entries: z.array(z.extend(SentMessage, BatchEntryId.shape)) });
const ReceiveMessage = z.extend(QueueUrl, {
  AttributeNames: z._default(z.array(z.string()), []),
  MessageSystemAttributeNames: z._default(z.array(z.string()), []),
  MessageAttributeNames: z._default(z.array(z.string()), []),
  MaxNumberOfMessages: z._default(z.number().check(z.int(), z.gte(1), z.lte(10)), 1),
  VisibilityTimeout: z.optional(VisibilityTimeout),
  WaitTimeSeconds: z.optional(seconds(20)),
});
const DeleteMessage = z.extend(QueueUrl, ReceiptHandle.shape);
const DeleteMessageBatch = z.extend(QueueUrl, {
  Entries: z.array(z.extend(ReceiptHandle, BatchEntryId.shape)),
});
const ChangeMessageVisibility = z.extend(DeleteMessage, { VisibilityTimeout });
const GetQueueAttributes = z.extend(QueueUrl, { AttributeNames: z._default(z.array(z.string()), []) });
const GetQueueUrl = z.strictObject({ QueueName: z.string() });
const ListQueues = z.strictObject({ QueueNamePrefix: z._default(z.string(), '') });

/** Amazon SQS, standard queues. Shapes and errors are those of the "Amazon SQS API Reference", JSON protocol. */
export class Sqs implements Service {
  /** Every queue with what is in it, received or not. */
  readonly queues: readonly Queue[];
  readonly #store: Store<State>;
  readonly #awsUrl: string;
  readonly #clock: Clock;

  private constructor(queues: readonly Queue[], store: Store<State>, awsUrl: string, clock: Clock) {
    this.queues = queues;
    this.#store = store;
    this.#awsUrl = awsUrl;
    this.#clock = clock;
  }

  /**
   * @param folder where the messages outlive the process
   * @param awsUrl where the AWS APIs are served, without trailing slash
   */
  static async open({
    resources,
    folder,
    awsUrl,
    clock,
  }: {
    resources: readonly Resource<QueueProperties>[];
    folder: string;
    awsUrl: string;
    clock: Clock;
  }): Promise<Sqs> {
    const store = await Store.open(join(folder, 'sqs.json'), State, {});
    const queues = resources.map((resource) => {
      const messages = store.state[resource.name] ?? [];
      store.state[resource.name] = messages;
      return new Queue(resource, messages, clock);
    });
    return new Sqs(queues, store, awsUrl, clock);
  }

  async call(operation: string, input: unknown): Promise<object> {
    switch (operation) {
      case 'SendMessage': {
        const { QueueUrl, ...message } = parse(SendMessage, input);
        return this.#saved(send(this.#queue(QueueUrl), message));
      }
      case 'SendMessageBatch': {
        const { QueueUrl, Entries } = parse(SendMessageBatch, input);
        const queue = this.#queue(QueueUrl);
        if (Entries.reduce((size, entry) => size + sizeOf(entry), 0) > MAXIMUM_BATCH_BYTES) {
          const message = `Batch requests cannot be longer than ${MAXIMUM_BATCH_BYTES} bytes.`;
          throw new AwsError('BatchRequestTooLong', message);
        }
        return this.#saved(batch(Entries, (entry) => send(queue, entry)));
      }
      case 'ReceiveMessage':
        return this.#receive(parse(ReceiveMessage, input));
      case 'DeleteMessage': {
        const { QueueUrl, ReceiptHandle } = parse(DeleteMessage, input);
        this.#queue(QueueUrl).delete(ReceiptHandle);
        return this.#saved({});
      }
      case 'DeleteMessageBatch': {
        const { QueueUrl, Entries } = parse(DeleteMessageBatch, input);
        const queue = this.#queue(QueueUrl);
        return this.#saved(
          batch(Entries, ({ ReceiptHandle }) => {
            queue.delete(ReceiptHandle);
            return {};
          }),
        );
      }
      case 'ChangeMessageVisibility': {
        const { QueueUrl, ReceiptHandle, VisibilityTimeout } = parse(ChangeMessageVisibility, input);
        this.#queue(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
        return this.#saved({});
      }
      case 'PurgeQueue': {
        this.#queue(parse(QueueUrl, input).QueueUrl).purge();
        return this.#saved({});
      }
      case 'GetQueueAttributes': {
        const { QueueUrl, AttributeNames } = parse(GetQueueAttributes, input);
        const attributes = queueAttributes(this.#queue(QueueUrl), this.#clock.now());
        return { Attributes: select(attributes, AttributeNames) };
      }
      case 'GetQueueUrl':
        return { QueueUrl: this.#url(this.#queue(parse(GetQueueUrl, input).QueueName)) };
      case 'ListQueues': {
        const { QueueNamePrefix } = parse(ListQueues, input);
        const queues = this.queues.filter(({ name }) => name.startsWith(QueueNamePrefix));
        return { QueueUrls: queues.map((queue) => this.#url(queue)) };
      }
      default:
        throw new AwsError('InvalidAction', `The action ${operation} is not valid for this endpoint.`);
    }
  }

  async #receive(input: z.infer<typeof ReceiveMessage>): Promise<object> {
    const queue = this.#queue(input.QueueUrl);
    const messages = await queue.receive(
      input.MaxNumberOfMessages,
      input.VisibilityTimeout ?? queue.properties.VisibilityTimeout,
      input.WaitTimeSeconds ?? queue.properties.ReceiveMessageWaitTimeSeconds,
    );
    if (messages.length === 0) return {};
    const systemAttributes = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
    return this.#saved({
      Messages: messages.map((message) => {
        const attributes = selectMessageAttributes(message.attributes, input.MessageAttributeNames);
        return {
          MessageId: message.id,
          ReceiptHandle: receiptHandle(message),
          MD5OfBody: md5(message.body),
          Body: message.body,
          Attributes: select(messageAttributes(queue, message), systemAttributes),
          MD5OfMessageAttributes: md5OfMessageAttributes(attributes),
          MessageAttributes: attributes,
        };
      }),
    });
  }

  async #saved(answer: object): Promise<object> {
    await this.#store.save();
    return answer;
  }

  #url({ name, arn }: Queue): string {
    return `${this.#awsUrl}/${accountOf(arn)}/${name}`;
  }

  /** @param reference a queue's name, ARN or URL, whatever host it names */
  #queue(reference: string): Queue {
    const name = reference.split(/[/:]/).at(-1);
    const queue = this.queues.find((candidate) => candidate.name === name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }
}

function parse<Input>(schema: z.ZodMiniType<Input>, input: unknown): Input {
  return parseInput(schema, input, (parameter, reason) =>
    invalid(`Value for parameter ${parameter} is invalid. Reason: ${reason}.`),
  );
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function sizeOf({ MessageBody, MessageAttributes }: SentMessage): number {
  return Buffer.byteLength(MessageBody) + sizeOfMessageAttributes(MessageAttributes);
}

function send(queue: Queue, message: SentMessage): object {
  const { MessageBody, MessageAttributes, DelaySeconds } = message;
  if (!ALLOWED_CHARACTERS.test(MessageBody)) {
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  const maximum = queue.properties.MaximumMessageSize;
  if (sizeOf(message) > maximum) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximum} bytes.`,
    );
  }
  const { id } = queue.send(MessageBody, MessageAttributes, DelaySeconds);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(MessageBody),
    MD5OfMessageAttributes: md5OfMessageAttributes(MessageAttributes),
  };
}

/** Runs each entry of a batch on its own: one that is refused does not stop the others. */
function batch<Entry extends { Id: string }>(
  entries: readonly Entry[],
  run: (entry: Entry) => object,
): object {
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > 10) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'A batch request has at most 10 entries.');
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}

function messageAttributes(queue: Queue, message: Message): Record<string, string> {
  return strings({
    SenderId: accountOf(queue.arn),
    SentTimestamp: message.sentAt,
    ApproximateReceiveCount: message.receiveCount,
    ApproximateFirstReceiveTimestamp: message.firstReceivedAt,
  });
}

function queueAttributes({ arn, properties, messages }: Queue, now: number): Record<string, string> {
  const hidden = messages.filter(({ visibleAt }) => visibleAt > now);
  const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
  return strings({
    QueueArn: arn,
    ApproximateNumberOfMessages: messages.length - hidden.length,
    ApproximateNumberOfMessagesNotVisible: hidden.length - delayed,
    ApproximateNumberOfMessagesDelayed: delayed,
    DelaySeconds: properties.DelaySeconds,
    MaximumMessageSize: properties.MaximumMessageSize,
    MessageRetentionPeriod: properties.MessageRetentionPeriod,
    ReceiveMessageWaitTimeSeconds: properties.ReceiveMessageWaitTimeSeconds,
    VisibilityTimeout: properties.VisibilityTimeout,
  });
}

/** Attributes as SQS answers them: every value is a string. */
function strings(values: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function select(attributes: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => names.includes('All') || names.includes(name)),
  );
}
