import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';
import { queueArn } from './queue-arn.ts';

const Seconds = z.number().check(z.int(), z.nonnegative());

const Properties = z.strictObject({
  QueueName: z.optional(z.string()),
  DelaySeconds: z._default(Seconds, 0),
  MaximumMessageSize: z._default(z.number(), 1_048_576),
  MessageRetentionPeriod: z._default(Seconds, 4 * 24 * 3600),
  RedrivePolicy: z.optional(
    z.strictObject({
      deadLetterTargetArn: z.string(),
      maxReceiveCount: z.int().check(z.gte(1), z.lte(1_000)),
    }),
  ),
  ReceiveMessageWaitTimeSeconds: z._default(Seconds, 0),
  VisibilityTimeout: z._default(Seconds, 30),
  // Ignored locally:
  SqsManagedSseEnabled: z._default(z.boolean(), true),
  Tags: z.optional(z.unknown()),
});

export type QueueProperties = z.infer<typeof Properties>;

/** Returns the URL of the queue with this ARN in AWS. */
function queueUrl(arn: string): string {
  const { region, accountId, resource: name } = parse(arn);
  return `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
}

/**
 * `AWS::SQS::Queue`: a standard queue. `Ref` is its URL in AWS, whose last path segment also
 * identifies it locally.
 */
export const QueueResource = resourceType(Properties, {
  name: (properties, generated) => properties.QueueName ?? generated.slice(0, 80),
  arn: queueArn,
  ref: ({ arn }) => queueUrl(arn),
  attributes: ({ name, arn }) => ({ QueueName: name, QueueUrl: queueUrl(arn) }),
});
