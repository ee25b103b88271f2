import * as z from 'zod/mini';
import { resourceType } from '../template/resource-type.ts';

const FunctionProperties = z.strictObject({
  FunctionName: z.optional(z.string()),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().check(z.regex(/^nodejs/, 'only Node.js runtimes are supported')),
  Timeout: z._default(z.number(), 3),
  MemorySize: z._default(z.number(), 128),
  Environment: z._default(z.strictObject({ Variables: z.record(z.string(), z.string()) }), { Variables: {} }),
  LoggingConfig: z._default(
    z.strictObject({
      ApplicationLogLevel: z._default(z.string(), 'INFO'),
      LogFormat: z._default(z.enum(['JSON', 'Text']), 'Text'),
      // Without effect on a laptop:
      LogGroup: z.optional(z.string()),
      SystemLogLevel: z.optional(z.string()),
    }),
    { ApplicationLogLevel: 'INFO', LogFormat: 'Text' },
  ),
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
  z.strictObject({ OnFailure: z.optional(z.strictObject({ Destination: z.string() })) }),
);

/** `AWS::Lambda::EventInvokeConfig`: how asynchronous invocations of a function are retried. */
export const EventInvokeConfigResource = resourceType(
  z.strictObject({
    FunctionName: z.string(),
    Qualifier: z.literal('$LATEST'),
    MaximumRetryAttempts: z._default(z.number(), 2),
    MaximumEventAgeInSeconds: z._default(z.number(), 6 * 3600),
    DestinationConfig: OnFailure,
  }),
);

const EventSourceMappingProperties = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.literal('TRIM_HORIZON'),
  BatchSize: z._default(z.number(), 100),
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  DestinationConfig: OnFailure,
  FilterCriteria: z._default(z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }), {
    Filters: [],
  }),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
  MaximumRecordAgeInSeconds: z._default(z.number(), -1),
  MaximumRetryAttempts: z._default(z.number(), -1),
  Tags: z.optional(z.unknown()),
});
export type EventSourceMappingProperties = z.infer<typeof EventSourceMappingProperties>;

/** `AWS::Lambda::EventSourceMapping` of a DynamoDB stream. */
export const EventSourceMappingResource = resourceType(EventSourceMappingProperties);
