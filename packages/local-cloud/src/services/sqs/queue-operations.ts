import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../../core/operation.ts';
import { selectAttributes } from './attribute-selection.ts';
import { operation } from './operation.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

const PurgeQueue = z.strictObject({ QueueUrl: z.string() });
const GetQueueAttributes = z.strictObject({
  QueueUrl: z.string(),
  AttributeNames: z._default(z.array(z.string()), []),
});
const GetQueueUrl = z.strictObject({ QueueName: z.string() });
const ListQueues = z.strictObject({ QueueNamePrefix: z._default(z.string(), '') });

/**
 * Returns the operations on queues, by name.
 * @param awsUrl the URL of the AWS APIs, without a trailing slash
 */
export function queueOperations(queues: Queues, awsUrl: string, clock: Clock): Record<string, Operation> {
  const urlOf = ({ name, arn }: Queue): string => `${awsUrl}/${parse(arn).accountId}/${name}`;
  return {
    PurgeQueue: operation(PurgeQueue, async ({ QueueUrl }) => {
      queues.find(QueueUrl).purge();
      await queues.save();
      return {};
    }),
    GetQueueAttributes: operation(GetQueueAttributes, ({ QueueUrl, AttributeNames }) => ({
      Attributes: selectAttributes(attributesOf(queues.find(QueueUrl), clock.now()), AttributeNames),
    })),
    GetQueueUrl: operation(GetQueueUrl, ({ QueueName }) => ({ QueueUrl: urlOf(queues.find(QueueName)) })),
    ListQueues: operation(ListQueues, ({ QueueNamePrefix }) => {
      const found = queues.list.filter(({ name }) => name.startsWith(QueueNamePrefix));
      return found.length > 0 ? { QueueUrls: found.map(urlOf) } : {};
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
    VisibilityTimeout: String(properties.VisibilityTimeout),
  };
}
