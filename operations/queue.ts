import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A received message. */
export interface Message {
  id: string;
  handle: string;
  body: string;
  attributes: Record<string, string>;
  /** In milliseconds since the epoch. */
  sentAt: number;
}

/**
 * The visibility timeout of received messages, in seconds: longer than it takes to finish ten of
 * them.
 */
const visibilityTimeout = 15 * 60;

/** The maximum number of messages that `ReceiveMessage` returns and that a batch call accepts. */
const pageSize = 10;

/** A dead-letter queue, read page by page. */
export class Queue {
  /** As in the stack, e.g. `TopicUndelivered`. */
  readonly name: string;
  readonly #url: string;
  readonly #sqs: SQSClient;
  readonly #waitSeconds: number;

  /**
   * @param waitSeconds how long to wait for a message. In AWS it must be more than 0, so that SQS
   * asks all of its servers ("Amazon SQS short and long polling").
   */
  constructor(sqs: SQSClient, name: string, url: string, waitSeconds: number) {
    this.#sqs = sqs;
    this.#waitSeconds = waitSeconds;
    this.name = name;
    this.#url = url;
  }

  /**
   * Returns how many messages wait, and how many are received but not deleted. In AWS both are
   * approximate.
   */
  async depth(): Promise<{ waiting: number; hidden: number }> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      waiting: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
      hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
    };
  }

  /**
   * Receives up to ten messages, which are hidden from then on. Returns an empty list if no message
   * waits.
   */
  async receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: pageSize,
        VisibilityTimeout: visibilityTimeout,
        MessageSystemAttributeNames: ['SentTimestamp'],
        MessageAttributeNames: ['All'],
        WaitTimeSeconds: this.#waitSeconds,
      }),
    );
    return Messages.map(
      ({ MessageId = '', ReceiptHandle = '', Body = '', Attributes, MessageAttributes = {} }) => ({
        id: MessageId,
        handle: ReceiptHandle,
        body: Body,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
        ),
        sentAt: Number(Attributes?.SentTimestamp),
      }),
    );
  }

  /**
   * Makes messages visible again immediately. Ignores messages that have been deleted meanwhile.
   */
  async release(handles: string[]): Promise<void> {
    for (let start = 0; start < handles.length; start += pageSize) {
      const page = handles.slice(start, start + pageSize);
      await this.#sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#url,
          Entries: page.map((ReceiptHandle, index) => ({
            Id: `${index}`,
            ReceiptHandle,
            VisibilityTimeout: 0,
          })),
        }),
      );
    }
  }

  async delete({ handle }: Message): Promise<void> {
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: handle }));
  }
}
