import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message that has been received. */
export interface Message {
  id: string;
  handle: string;
  body: string;
  attributes: Record<string, string>;
  /** In milliseconds since the epoch. */
  sentAt: number;
}

/** How long what is received is hidden, in seconds: longer than ten messages take to finish. */
const visibilityTimeout = 15 * 60;

/** `ReceiveMessage` and the batches take ten messages at most. */
const pageSize = 10;

/** A queue of what has failed, read page by page. */
export class Queue {
  /** As in the stack, e.g. `TopicUndelivered`. */
  readonly name: string;
  readonly #url: string;
  readonly #sqs: SQSClient;
  readonly #waitSeconds: number;

  /**
   * @param waitSeconds how long to wait for a message: in AWS more than 0, which has SQS ask all of its servers ("Amazon SQS
   * short and long polling")
   */
  constructor(sqs: SQSClient, name: string, url: string, waitSeconds: number) {
    this.#sqs = sqs;
    this.#waitSeconds = waitSeconds;
    this.name = name;
    this.#url = url;
  }

  /** How many messages wait, and how many others have been received and not yet deleted; approximate in AWS. */
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

  /** The next messages, hidden from now on; none when no more wait. */
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

  /** Lets messages be received again at once. One that somebody else has deleted meanwhile is no matter. */
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
