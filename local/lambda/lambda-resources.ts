import * as z from 'zod/mini';
import { resourceType } from '../template/resource-type.ts';

const between = (lowest: number, highest: number) => z.number().check(z.int(), z.gte(lowest), z.lte(highest));
const QueueArn = z.string().check(z.startsWith('arn:aws:sqs:', 'only queues are supported'));

const FunctionProperties = z.strictObject({
  FunctionName: z.optional(z.string()),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  DeadLetterConfig: z.optional(z.strictObject({ TargetArn: QueueArn })),
  Handler: z.string(),
  Runtime: z.string().check(z.regex(/^nodejs/, 'only Node.js runtimes are supported')),
  Timeout: z._default(z.number(), 3),
  MemorySize: z._default(z.number(), 128),
  Environment: z._default(z.strictObject({ Variables: z.record(z.string(), z.string()) }), { Variables: {} }),
  LoggingConfig: z._default(
    z.strictObject({
      ApplicationLogLevel: z._default(z.string(), 'INFO'),
      LogFormat: z._default(z.enum(['JSON', 'Text']), 'Text'),
      LogGroup: z.optional(z.string()),
      // Without effect on a laptop:
      SystemLogLevel: z.optional(z.string()),
    }),
    { ApplicationLogLevel: 'INFO', LogFormat: 'Text' },
  ),
  ReservedConcurrentExecutions: z.optional(z.int().check(z.nonnegative())),
  // Without effect on a laptop:
  Architectures: z.optional(z.array(z.string())),
  Description: z.optional(z.string()),
  Role: z.string(),
  Tags: z.optional(z.unknown()),
  TracingConfig: z.optional(z.unknown()),
});

export type FunctionProperties = z.infer<typeof FunctionProperties>;

/** `AWS::Lambda::Function`. */
export const FunctionResource = resourceType(FunctionProperties, {
  name: (properties, generated) => properties.FunctionName ?? generated.slice(0, 64),
  arn: (name, account) => `arn:aws:lambda:${account.region}:${account.id}:function:${name}`,
});

const OnFailure = z.optional(
  z.strictObject({ OnFailure: z.optional(z.strictObject({ Destination: QueueArn })) }),
);

const EventInvokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: z.optional(z.int().check(z.gte(0), z.lte(2))),
  MaximumEventAgeInSeconds: z.optional(between(60, 6 * 3600)),
  DestinationConfig: OnFailure,
});
export type EventInvokeConfigProperties = z.infer<typeof EventInvokeConfigProperties>;

/** `AWS::Lambda::EventInvokeConfig`: how asynchronous invocations of a function are retried. */
export const EventInvokeConfigResource = resourceType(EventInvokeConfigProperties);

// The limits are those of the Lambda Developer Guide, "Lambda parameters for Amazon DynamoDB event source mappings".
const EventSourceMappingProperties = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BatchSize: z._default(z.int().check(z.gte(1), z.lte(10_000)), 100),
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  DestinationConfig: OnFailure,
  Enabled: z._default(z.boolean(), true),
  FilterCriteria: z._default(
    z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })).check(z.maxLength(5)) }),
    { Filters: [] },
  ),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
  MaximumBatchingWindowInSeconds: z._default(z.int().check(z.gte(0), z.lte(300)), 0),
  // -1 is no limit, of age and of attempts.
  MaximumRecordAgeInSeconds: z._default(z.int().check(z.gte(-1), z.lte(604_800)), -1),
  MaximumRetryAttempts: z._default(z.int().check(z.gte(-1), z.lte(10_000)), -1),
  ParallelizationFactor: z._default(z.int().check(z.gte(1), z.lte(10)), 1),
  Tags: z.optional(z.unknown()),
});
export type EventSourceMappingProperties = z.infer<typeof EventSourceMappingProperties>;

/** `AWS::Lambda::EventSourceMapping` of a DynamoDB stream. */
export const EventSourceMappingResource = resourceType(EventSourceMappingProperties);
