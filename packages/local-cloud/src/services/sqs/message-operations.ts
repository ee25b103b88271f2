import { createHash } from 'node:crypto';
import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import { type Cause, causeOf, tracesOf } from '../../core/trace.ts';
import { isXmlText } from '../../core/xml-characters.ts';
import { messageAttributes } from './attribute-rules.ts';
import { refuseUnknownNames, selectAttributes } from './attribute-selection.ts';
import { batchOperation } from './batch.ts';
import { md5OfMessageAttributes, SentAttributes, sizeOfMessageAttributes } from './message-attributes.ts';
import { missingParameter, operation } from './operation.ts';
import { type Message, type Queue, receiptHandle } from './queue.ts';
import type { Queues } from './queues.ts';

/** A message about a large batch names the traces of its first items only. */
const MAXIMUM_TRACES = 10;

const integer = (minimum: number, maximum: number, reason: string) =>
  z.number(reason).check(z.int(reason), z.gte(minimum, reason), z.lte(maximum, reason));
const names = z._default(z.array(z.string()), []);
const Visibility = integer(0, 12 * 3600, 'Must be between 0 and 43200, if provided');
const MessageGroupId = z
  .string()
  .check(
    z.regex(
      /^[!-~]{1,128}$/,
      'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    ),
  );

const SendMessage = z.strictObject({
  QueueUrl: z.string(),
  MessageBody: z.string(),
  DelaySeconds: z.optional(integer(0, 900, 'DelaySeconds must be >= 0 and <= 900')),
  MessageAttributes: z._default(SentAttributes, {}),
  MessageGroupId: z.optional(MessageGroupId),
  MessageDeduplicationId: z.optional(
    z.never('The request include parameter that is not valid for this queue type'),
  ),
});
const ReceiveMessage = z.strictObject({
  QueueUrl: z.string(),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
  MaxNumberOfMessages: z._default(integer(1, 10, 'Must be between 1 and 10, if provided'), 1),
  VisibilityTimeout: z.optional(Visibility),
  WaitTimeSeconds: z.optional(integer(0, 20, 'Must be >= 0 and <= 20, if provided')),
});
const DeleteMessage = z.strictObject({ QueueUrl: z.string(), ReceiptHandle: z.string() });
const ChangeMessageVisibility = z.strictObject({
  QueueUrl: z.string(),
  ReceiptHandle: z.string(),
  VisibilityTimeout: Visibility,
});

/** Source: Amazon SQS API Reference, `ReceiveMessage`. */
const SYSTEM_ATTRIBUTES = new Set([
  'AWSTraceHeader',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
]);

/** Returns the operations on messages, single and in batches, by name. */
export function messageOperations(queues: Queues): Record<string, Operation> {
  const batched = {
    SendMessage: operation(SendMessage, (input, cause) => sendMessage(queues, input, cause)),
    DeleteMessage: operation(DeleteMessage, async ({ QueueUrl, ReceiptHandle }) => {
      queues.find(QueueUrl).delete(ReceiptHandle);
      return {};
    }),
    ChangeMessageVisibility: operation(
      ChangeMessageVisibility,
      async ({ QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
        queues.find(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
        return {};
      },
    ),
  };
  const batches = Object.entries(batched).map(
    ([name, run]) => [`${name}Batch`, batchOperation(queues, name, run)] as const,
  );
  return {
    ...batched,
    ...Object.fromEntries(batches),
    ReceiveMessage: operation(ReceiveMessage, (input) => receiveMessage(queues, input)),
  };
}

async function sendMessage(
  queues: Queues,
  input: z.infer<typeof SendMessage>,
  cause: Cause | undefined,
): Promise<object> {
  const { MessageBody, DelaySeconds, MessageGroupId } = input;
  const queue = queues.find(input.QueueUrl);
  if (MessageBody === '') throw missingParameter('MessageBody');
  if (!isXmlText(MessageBody)) {
    const message = 'The message contains characters outside the allowed set.';
    throw new AwsError('InvalidMessageContents', message);
  }
  const attributes = messageAttributes(input.MessageAttributes);
  const maximum = queue.properties.MaximumMessageSize;
  if (Buffer.byteLength(MessageBody) + sizeOfMessageAttributes(attributes) > maximum) {
    const message = `One or more parameters are invalid. Reason: Message must be shorter than ${maximum} bytes.`;
    throw new AwsError('InvalidParameterValue', message);
  }
  const traces = cause && [...new Set(tracesOf(causeOf(cause, MessageBody)))].slice(0, MAXIMUM_TRACES);
  const { id } = queue.send(MessageBody, attributes, {
    delaySeconds: DelaySeconds,
    groupId: MessageGroupId,
    traces,
  });
  return {
    MessageId: id,
    MD5OfMessageBody: md5(MessageBody),
    MD5OfMessageAttributes: md5OfMessageAttributes(attributes),
  };
}

async function receiveMessage(queues: Queues, input: z.infer<typeof ReceiveMessage>): Promise<object> {
  const queue = queues.find(input.QueueUrl);
  refuseUnknownNames([...input.AttributeNames, ...input.MessageSystemAttributeNames], SYSTEM_ATTRIBUTES);
  const messages = await queue.receive(
    input.MaxNumberOfMessages,
    input.VisibilityTimeout ?? queue.properties.VisibilityTimeout,
    input.WaitTimeSeconds ?? queue.properties.ReceiveMessageWaitTimeSeconds,
  );
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
  { sentAt, receiveCount, firstReceivedAt, groupId, movedFrom }: Message,
): Record<string, string> {
  return {
    SenderId: parse(arn).accountId,
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(groupId && { MessageGroupId: groupId }),
    ...(movedFrom && { DeadLetterQueueSourceArn: movedFrom }),
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
