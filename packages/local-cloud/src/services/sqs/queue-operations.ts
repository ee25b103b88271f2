import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../../core/operation.ts';
import { refuseUnknownNames, selectAttributes } from './attribute-selection.ts';
import { operation } from './operation.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

const PurgeQueue = z.strictObject({ QueueUrl: z.string() });
const GetQueueAttributes = z.strictObject({
  QueueUrl: z.string(),
  AttributeNames: z._default(z.array(z.string()), []),
});
const GetQueueUrl = z.strictObject({ QueueName: z.string() });
const ListQueues = z.strictObject({
  QueueNamePrefix: z._default(z.string(), ''),
  MaxResults: z.optional(
    z.int('Must be an integer').check(z.gte(1, 'Must be >= 1'), z.lte(1000, 'Must be <= 1000')),
  ),
  /** The name of the last queue of the page before. */
  NextToken: z.optional(z.string()),
});

/** Source: Amazon SQS API Reference, `GetQueueAttributes`. */
const QUEUE_ATTRIBUTES = new Set([
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'ContentBasedDeduplication',
  'CreatedTimestamp',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'LastModifiedTimestamp',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'Policy',
  'QueueArn',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
]);

/**
 * Returns the operations on queues, by name.
 * @param awsUrl the URL of the AWS APIs, without a trailing slash
 */
export function queueOperations(queues: Queues, awsUrl: string, clock: Clock): Record<string, Operation> {
  const urlOf = ({ name, arn }: Queue): string => `${awsUrl}/${parse(arn).accountId}/${name}`;
  return {
    PurgeQueue: operation(PurgeQueue, async ({ QueueUrl }) => {
      queues.find(QueueUrl).purge();
      return {};
    }),
    GetQueueAttributes: operation(GetQueueAttributes, ({ QueueUrl, AttributeNames }) => {
      const queue = queues.find(QueueUrl);
      refuseUnknownNames(AttributeNames, QUEUE_ATTRIBUTES);
      return { Attributes: selectAttributes(attributesOf(queue, clock.now()), AttributeNames) };
    }),
    GetQueueUrl: operation(GetQueueUrl, ({ QueueName }) => ({ QueueUrl: urlOf(queues.find(QueueName)) })),
    ListQueues: operation(ListQueues, ({ QueueNamePrefix, MaxResults = 1000, NextToken }) => {
      const found = queues.list.filter(({ name }) => name.startsWith(QueueNamePrefix));
      const start = 1 + found.findIndex(({ name }) => name === NextToken);
      const page = found.slice(start, start + MaxResults);
      return {
        ...(page.length > 0 && { QueueUrls: page.map(urlOf) }),
        ...(start + MaxResults < found.length && { NextToken: page.at(-1)?.name }),
      };
    }),
  };
}

function attributesOf({ arn, properties, messages }: Queue, now: number): Record<string, string> {
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
    SqsManagedSseEnabled: String(properties.SqsManagedSseEnabled),
    VisibilityTimeout: String(properties.VisibilityTimeout),
  };
}
