import { createHash } from 'node:crypto';
import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import { selectAttributes } from './attribute-selection.ts';
import { batchOperation } from './batch.ts';
import { MessageAttributes, md5OfMessageAttributes, sizeOfMessageAttributes } from './message-attributes.ts';
import { invalidParameter, operation } from './operation.ts';
import { type Message, type Queue, receiptHandle } from './queue.ts';
import type { Queues } from './queues.ts';

/** The characters that a message may contain. Source: API Reference, `SendMessage`. */
const ALLOWED_CHARACTERS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

const integer = (minimum: number, maximum: number) =>
  z.number().check(z.int(), z.gte(minimum), z.lte(maximum));
const names = z._default(z.array(z.string()), []);
const Visibility = integer(0, 12 * 3600);

const SendMessage = z.strictObject({
  QueueUrl: z.string(),
  MessageBody: z.string().check(z.minLength(1)),
  DelaySeconds: z.optional(integer(0, 900)),
  MessageAttributes: z._default(MessageAttributes, {}),
});
const ReceiveMessage = z.strictObject({
  QueueUrl: z.string(),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
  MaxNumberOfMessages: z._default(integer(1, 10), 1),
  VisibilityTimeout: z.optional(Visibility),
  WaitTimeSeconds: z.optional(integer(0, 20)),
});
const DeleteMessage = z.strictObject({ QueueUrl: z.string(), ReceiptHandle: z.string() });
const ChangeMessageVisibility = z.strictObject({
  QueueUrl: z.string(),
  ReceiptHandle: z.string(),
  VisibilityTimeout: Visibility,
});

/** Returns the operations on messages, single and in batches, by name. */
export function messageOperations(queues: Queues): Record<string, Operation> {
  const batched = {
    SendMessage: operation(SendMessage, (input) => sendMessage(queues, input)),
    DeleteMessage: operation(DeleteMessage, async ({ QueueUrl, ReceiptHandle }) => {
      queues.find(QueueUrl).delete(ReceiptHandle);
      await queues.save();
      return {};
    }),
    ChangeMessageVisibility: operation(
      ChangeMessageVisibility,
      async ({ QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
        queues.find(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
        await queues.save();
        return {};
      },
    ),
  };
  const batches = Object.entries(batched).map(
    ([name, run]) => [`${name}Batch`, batchOperation(queues, run)] as const,
  );
  return {
    ...batched,
    ...Object.fromEntries(batches),
    ReceiveMessage: operation(ReceiveMessage, (input) => receiveMessage(queues, input)),
  };
}

async function sendMessage(
  queues: Queues,
  { QueueUrl, MessageBody, DelaySeconds, MessageAttributes }: z.infer<typeof SendMessage>,
): Promise<object> {
  const queue = queues.find(QueueUrl);
  if (!ALLOWED_CHARACTERS.test(MessageBody)) {
    const message = 'The message contains characters outside the allowed set.';
    throw new AwsError('InvalidMessageContents', message);
  }
  const maximum = queue.properties.MaximumMessageSize;
  if (Buffer.byteLength(MessageBody) + sizeOfMessageAttributes(MessageAttributes) > maximum) {
    throw invalidParameter('MessageBody', `Message must be shorter than ${maximum} bytes`);
  }
  const { id } = queue.send(MessageBody, MessageAttributes, DelaySeconds);
  await queues.save();
  return {
    MessageId: id,
    MD5OfMessageBody: md5(MessageBody),
    MD5OfMessageAttributes: md5OfMessageAttributes(MessageAttributes),
  };
}

async function receiveMessage(queues: Queues, input: z.infer<typeof ReceiveMessage>): Promise<object> {
  const queue = queues.find(input.QueueUrl);
  const messages = await queue.receive(
    input.MaxNumberOfMessages,
    input.VisibilityTimeout ?? queue.properties.VisibilityTimeout,
    input.WaitTimeSeconds ?? queue.properties.ReceiveMessageWaitTimeSeconds,
  );
  await queues.save();
  if (messages.length === 0) return {};
  return { Messages: messages.map((message) => receivedMessage(queue, message, input)) };
}

function receivedMessage(
  queue: Queue,
  message: Message,
  input: Pick<
    z.infer<typeof ReceiveMessage>,
    'AttributeNames' | 'MessageAttributeNames' | 'MessageSystemAttributeNames'
  >,
): object {
  const attributes = selectAttributes(message.attributes, input.MessageAttributeNames);
  const systemAttributeNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  const selected = selectAttributes(systemAttributes(queue, message), systemAttributeNames);
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
}

function systemAttributes(
  { arn }: Queue,
  { sentAt, receiveCount, firstReceivedAt, movedFrom }: Message,
): Record<string, string> {
  return {
    SenderId: parse(arn).accountId,
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(movedFrom && { DeadLetterQueueSourceArn: movedFrom }),
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
