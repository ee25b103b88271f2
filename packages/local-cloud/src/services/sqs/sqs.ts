import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { parseInput } from '../../core/operation-input.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { Store } from '../../core/store.ts';
import type { Resource } from '../../template/resource.ts';
import { MessageAttributes, md5OfMessageAttributes, sizeOfMessageAttributes } from './message-attributes.ts';
import { Message, Queue, receiptHandle } from './queue.ts';
import type { QueueProperties } from './queue-resource.ts';

/** The messages of each queue, by its name. */
const State = z.record(z.string(), z.array(Message));

/** What a message may consist of, by the API reference of `SendMessage`. */
const ALLOWED_CHARACTERS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

const integer = (minimum: number, maximum: number) =>
  z.number().check(z.int(), z.gte(minimum), z.lte(maximum));
const names = z._default(z.array(z.string()), []);
const Visibility = integer(0, 12 * 3600);

/** The operations that also come in batches of up to ten. */
const BATCHED = ['SendMessage', 'DeleteMessage', 'ChangeMessageVisibility'];
const Batch = z.strictObject({
  QueueUrl: z.string(),
  Entries: z.array(z.looseObject({ Id: z.string() })),
});

interface SqsOptions {
  resources: readonly Resource<QueueProperties>[];
  /** Where the messages outlive the process. */
  folder: string;
  /** Where the AWS APIs are served, without trailing slash. */
  awsUrl: string;
  clock: Clock;
}

/** Amazon SQS, standard queues. Shapes and errors are those of the "Amazon SQS API Reference", JSON protocol. */
export class Sqs implements Service {
  /** Every queue with what is in it, received or not. */
  readonly queues: readonly Queue[];
  readonly #awsUrl: string;
  readonly #clock: Clock;
  readonly #store: Store<z.infer<typeof State>>;

  private constructor({ resources, awsUrl, clock }: SqsOptions, store: Store<z.infer<typeof State>>) {
    this.queues = resources.map((resource) => {
      const messages = store.state[resource.name] ?? [];
      store.state[resource.name] = messages;
      return new Queue(resource, messages, clock, (arn) => this.#queue(arn));
    });
    for (const { logicalId, properties } of resources) {
      const target = properties.RedrivePolicy?.deadLetterTargetArn;
      if (target !== undefined && !this.queues.some(({ arn }) => arn === target))
        throw new Error(`${logicalId}: RedrivePolicy: there is no queue ${target}.`);
    }
    this.#awsUrl = awsUrl;
    this.#clock = clock;
    this.#store = store;
  }

  /** @throws {Error} one line, when a queue's dead-letter queue is not there */
  static async open(options: SqsOptions): Promise<Sqs> {
    return new Sqs(options, await Store.open(join(options.folder, 'sqs.json'), State, {}));
  }

  async call(name: string, input: unknown): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`);
    return run(input);
  }

  readonly #operations = new Map(
    Object.entries({
      SendMessage: operation(
        z.strictObject({
          QueueUrl: z.string(),
          MessageBody: z.string().check(z.minLength(1)),
          DelaySeconds: z.optional(integer(0, 900)),
          MessageAttributes: z._default(MessageAttributes, {}),
        }),
        async ({ QueueUrl, MessageBody, DelaySeconds, MessageAttributes }) => {
          const queue = this.#queue(QueueUrl);
          if (!ALLOWED_CHARACTERS.test(MessageBody)) {
            const message = 'The message contains characters outside the allowed set.';
            throw new AwsError('InvalidMessageContents', message);
          }
          const maximum = queue.properties.MaximumMessageSize;
          if (Buffer.byteLength(MessageBody) + sizeOfMessageAttributes(MessageAttributes) > maximum) {
            throw invalid('MessageBody', `Message must be shorter than ${maximum} bytes`);
          }
          const { id } = queue.send(MessageBody, MessageAttributes, DelaySeconds);
          await this.#store.save();
          return {
            MessageId: id,
            MD5OfMessageBody: md5(MessageBody),
            MD5OfMessageAttributes: md5OfMessageAttributes(MessageAttributes),
          };
        },
      ),

      ReceiveMessage: operation(
        z.strictObject({
          QueueUrl: z.string(),
          AttributeNames: names,
          MessageSystemAttributeNames: names,
          MessageAttributeNames: names,
          MaxNumberOfMessages: z._default(integer(1, 10), 1),
          VisibilityTimeout: z.optional(Visibility),
          WaitTimeSeconds: z.optional(integer(0, 20)),
        }),
        async (input) => {
          const queue = this.#queue(input.QueueUrl);
          const messages = await queue.receive(
            input.MaxNumberOfMessages,
            input.VisibilityTimeout ?? queue.properties.VisibilityTimeout,
            input.WaitTimeSeconds ?? queue.properties.ReceiveMessageWaitTimeSeconds,
          );
          await this.#store.save();
          if (messages.length === 0) return {};
          const systemAttributeNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
          const Messages = messages.map((message) => {
            const attributes = select(message.attributes, input.MessageAttributeNames);
            const selected = select(systemAttributes(queue, message), systemAttributeNames);
            return {
              MessageId: message.id,
              ReceiptHandle: receiptHandle(message),
              MD5OfBody: md5(message.body),
              Body: message.body,
              ...(Object.keys(selected).length > 0 && { Attributes: selected }),
              ...(Object.keys(attributes).length > 0 && {
                MD5OfMessageAttributes: md5OfMessageAttributes(attributes),
                MessageAttributes: attributes,
              }),
            };
          });
          return { Messages };
        },
      ),

      DeleteMessage: operation(
        z.strictObject({ QueueUrl: z.string(), ReceiptHandle: z.string() }),
        async ({ QueueUrl, ReceiptHandle }) => {
          this.#queue(QueueUrl).delete(ReceiptHandle);
          await this.#store.save();
          return {};
        },
      ),

      ChangeMessageVisibility: operation(
        z.strictObject({ QueueUrl: z.string(), ReceiptHandle: z.string(), VisibilityTimeout: Visibility }),
        async ({ QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
          this.#queue(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
          await this.#store.save();
          return {};
        },
      ),

      ...Object.fromEntries(
        BATCHED.map((name) => [`${name}Batch`, operation(Batch, (batch) => this.#runBatch(name, batch))]),
      ),

      PurgeQueue: operation(z.strictObject({ QueueUrl: z.string() }), async ({ QueueUrl }) => {
        this.#queue(QueueUrl).purge();
        await this.#store.save();
        return {};
      }),

      GetQueueAttributes: operation(
        z.strictObject({ QueueUrl: z.string(), AttributeNames: names }),
        ({ QueueUrl, AttributeNames }) => ({
          Attributes: select(queueAttributes(this.#queue(QueueUrl), this.#clock.now()), AttributeNames),
        }),
      ),

      GetQueueUrl: operation(z.strictObject({ QueueName: z.string() }), ({ QueueName }) => ({
        QueueUrl: this.#url(this.#queue(QueueName)),
      })),

      ListQueues: operation(
        z.strictObject({ QueueNamePrefix: z._default(z.string(), '') }),
        ({ QueueNamePrefix }) => {
          const queues = this.queues.filter(({ name }) => name.startsWith(QueueNamePrefix));
          return queues.length > 0 ? { QueueUrls: queues.map((queue) => this.#url(queue)) } : {};
        },
      ),
    }),
  );

  /** Runs an operation for each entry; one that fails does so alone. */
  async #runBatch(name: string, { QueueUrl, Entries }: z.infer<typeof Batch>): Promise<object> {
    this.#queue(QueueUrl);
    const ids = Entries.map(({ Id }) => Id);
    if (ids.length === 0) throw new AwsError('EmptyBatchRequest', 'The batch has no entries.');
    if (ids.length > 10) throw new AwsError('TooManyEntriesInBatchRequest', 'The batch has over 10 entries.');
    if (new Set(ids).size < ids.length) {
      throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries of the batch have the same Id.');
    }
    const results = await Promise.all(
      Entries.map(async ({ Id, ...entry }) => {
        try {
          return { Id, ...(await this.call(name, { QueueUrl, ...entry })) };
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return { Id, SenderFault: true, Code: error.code, Message: error.message };
        }
      }),
    );
    return {
      Successful: results.filter((result) => !('Code' in result)),
      Failed: results.filter((result) => 'Code' in result),
    };
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

function operation<Input>(schema: z.ZodMiniType<Input>, run: (input: Input) => object | Promise<object>) {
  return (input: unknown) => run(parseInput(schema, input, invalid));
}

function invalid(parameter: string, reason: string): AwsError {
  const message = `Value for parameter ${parameter} is invalid. Reason: ${reason}.`;
  return new AwsError('InvalidParameterValue', message);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function systemAttributes(
  { arn }: Queue,
  { sentAt, receiveCount, firstReceivedAt, movedFrom }: Message,
): Record<string, string> {
  return {
    SenderId: accountOf(arn),
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(movedFrom && { DeadLetterQueueSourceArn: movedFrom }),
  };
}

function queueAttributes({ arn, properties, messages }: Queue, now: number): Record<string, string> {
  const hidden = messages.filter(({ visibleAt }) => visibleAt > now);
  const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
  return {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(messages.length - hidden.length),
    ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: String(properties.DelaySeconds),
    MaximumMessageSize: String(properties.MaximumMessageSize),
    MessageRetentionPeriod: String(properties.MessageRetentionPeriod),
    ReceiveMessageWaitTimeSeconds: String(properties.ReceiveMessageWaitTimeSeconds),
    ...(properties.RedrivePolicy && { RedrivePolicy: JSON.stringify(properties.RedrivePolicy) }),
    VisibilityTimeout: String(properties.VisibilityTimeout),
  };
}

/** The attributes that a caller asks for: `All`, a name, or a prefix as `prefix.*`. */
function select<Value>(attributes: Record<string, Value>, names: readonly string[]): Record<string, Value> {
  const wanted = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -'.*'.length))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}
