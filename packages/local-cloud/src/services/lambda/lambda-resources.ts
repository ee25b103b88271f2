import * as z from 'zod/mini';
import { compiledBy, ofKind, resourceType } from '../../template/resource-type.ts';
import { compileEventPattern, MAXIMUM_PATTERN_LENGTH } from '../eventbridge/event-pattern.ts';
import { functionArn, functionName } from './function-arn.ts';

const between = (lowest: number, highest: number) => z.number().check(z.int(), z.gte(lowest), z.lte(highest));
const QueueArn = z.string().check(z.startsWith('arn:aws:sqs:', 'only queues are supported'));

// The limits are those of the CloudFormation template reference, `AWS::Lambda::Function`.
const FunctionProperties = z.strictObject({
  FunctionName: z.optional(z.string()),
  Code: z
    .strictObject({
      S3Bucket: z.optional(z.string()),
      S3Key: z.optional(z.string()),
      ZipFile: z.optional(z.string()),
      ImageUri: z.optional(z.undefined('container images are not supported')),
    })
    .check(
      z.refine(
        ({ S3Key, ZipFile }) => (S3Key === undefined) !== (ZipFile === undefined),
        'the code must be either an asset or inline',
      ),
    ),
  DeadLetterConfig: z.optional(z.strictObject({ TargetArn: QueueArn })),
  Handler: z.string(),
  Runtime: z.string().check(z.regex(/^nodejs/, 'only Node.js runtimes are supported')),
  Timeout: z._default(between(1, 900), 3),
  MemorySize: z._default(between(128, 10_240), 128),
  Environment: z._default(z.strictObject({ Variables: z.record(z.string(), z.string()) }), { Variables: {} }),
  LoggingConfig: z._default(
    z.strictObject({
      ApplicationLogLevel: z._default(z.string(), 'INFO'),
      LogFormat: z._default(z.enum(['JSON', 'Text']), 'Text'),
      LogGroup: z.optional(z.string()),
      // Ignored locally:
      SystemLogLevel: z.optional(z.string()),
    }),
    { ApplicationLogLevel: 'INFO', LogFormat: 'Text' },
  ),
  ReservedConcurrentExecutions: z.optional(z.int().check(z.nonnegative())),
  // Ignored locally:
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
  arn: functionArn,
});

const VersionProperties = z.strictObject({
  FunctionName: z.string(),
  // Ignored locally:
  CodeSha256: z.optional(z.string()),
  Description: z.optional(z.string()),
  ProvisionedConcurrencyConfig: z.optional(z.unknown()),
});

/** The number of the only published version of a function: each start is a new deployment. */
export const ONLY_VERSION = '1';

/** `AWS::Lambda::Version`. */
export const VersionResource = resourceType(VersionProperties, {
  name: ({ FunctionName }) => `${functionName(FunctionName)}:${ONLY_VERSION}`,
  arn: functionArn,
  ref: ({ arn }) => arn,
  attributes: ({ arn }) => ({ FunctionArn: arn, Version: ONLY_VERSION }),
});

const AliasProperties = z.strictObject({
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  // Source: AWS Lambda API Reference, `CreateAlias`.
  Name: z
    .string()
    .check(z.regex(/^(?!\d+$)[\w-]{1,128}$/, 'this must be letters, digits, - and _, not only digits')),
  RoutingConfig: z.optional(z.undefined('an alias of two versions is not supported')),
  // Ignored locally:
  Description: z.optional(z.string()),
  ProvisionedConcurrencyConfig: z.optional(z.unknown()),
});

/** `AWS::Lambda::Alias`. */
export const AliasResource = resourceType(AliasProperties, {
  name: ({ FunctionName, Name }) => `${functionName(FunctionName)}:${Name}`,
  arn: functionArn,
  ref: ({ arn }) => arn,
  attributes: ({ arn }) => ({ AliasArn: arn }),
});

const OnFailure = z.optional(
  z.strictObject({ OnFailure: z.optional(z.strictObject({ Destination: QueueArn })) }),
);

const EventInvokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  /** `$LATEST`, a version or an alias. */
  Qualifier: z.string(),
  MaximumRetryAttempts: z.optional(between(0, 2)),
  MaximumEventAgeInSeconds: z.optional(between(60, 6 * 3600)),
  DestinationConfig: OnFailure,
});
export type EventInvokeConfigProperties = z.infer<typeof EventInvokeConfigProperties>;

/** `AWS::Lambda::EventInvokeConfig`: how the asynchronous invocations of a qualifier are retried. */
export const EventInvokeConfigResource = resourceType(EventInvokeConfigProperties);

// The limits are those of the Lambda Developer Guide, "Lambda parameters for Amazon DynamoDB event
// source mappings".
const EventSourceMappingProperties = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BatchSize: z._default(between(1, 10_000), 100),
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  DestinationConfig: OnFailure,
  Enabled: z._default(z.boolean(), true),
  FilterCriteria: z._default(
    z.strictObject({
      Filters: z
        .array(
          z.strictObject({
            Pattern: z.string().check(z.maxLength(MAXIMUM_PATTERN_LENGTH), compiledBy(compileEventPattern)),
          }),
        )
        .check(z.maxLength(5)),
    }),
    { Filters: [] },
  ),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
  MaximumBatchingWindowInSeconds: z._default(between(0, 300), 0),
  // -1 means no limit, of the age and of the retries.
  MaximumRecordAgeInSeconds: z._default(z.union([z.literal(-1), between(60, 604_800)]), -1),
  MaximumRetryAttempts: z._default(between(-1, 10_000), -1),
  ParallelizationFactor: z._default(between(1, 10), 1),
  Tags: z.optional(z.unknown()),
});
export type EventSourceMappingProperties = z.infer<typeof EventSourceMappingProperties>;

const DynamoDbStream = z.object({
  EventSourceArn: z
    .string()
    .check(z.regex(/^arn:aws:dynamodb:.*\/stream\//, 'only streams of DynamoDB tables are supported')),
});

/** `AWS::Lambda::EventSourceMapping` of a DynamoDB stream. */
export const EventSourceMappingResource = resourceType(ofKind(DynamoDbStream, EventSourceMappingProperties));
