import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';
import { queueArn } from './queue-arn.ts';

const between = (minimum: number, maximum: number) => z.int().check(z.gte(minimum), z.lte(maximum));

/** Source of the limits: Amazon SQS API Reference, "SetQueueAttributes". */
const Properties = z.strictObject({
  QueueName: z.optional(z.string()),
  DelaySeconds: z._default(between(0, 900), 0),
  MaximumMessageSize: z._default(between(1_024, 1_048_576), 1_048_576),
  MessageRetentionPeriod: z._default(between(60, 14 * 24 * 3600), 4 * 24 * 3600),
  RedrivePolicy: z.optional(
    z.strictObject({
      deadLetterTargetArn: z.string(),
      maxReceiveCount: between(1, 1_000),
    }),
  ),
  ReceiveMessageWaitTimeSeconds: z._default(between(0, 20), 0),
  VisibilityTimeout: z._default(between(0, 12 * 3600), 30),
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
