import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';
import { streamArn, tableArn } from './table-arn.ts';

const KeySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const OnDemandThroughput = z.strictObject({
  MaxReadRequestUnits: z.optional(z.number()),
  MaxWriteRequestUnits: z.optional(z.number()),
});

// Source: DynamoDB API Reference, `GlobalSecondaryIndex`.
const IndexName = z.string().check(z.minLength(3), z.maxLength(255));

const ProvisionedThroughput = z.strictObject({
  ReadCapacityUnits: z.number(),
  WriteCapacityUnits: z.number(),
});

const Projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']),
  NonKeyAttributes: z.optional(z.array(z.string())),
});

const StreamViewType = z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']);
export type StreamViewType = z.infer<typeof StreamViewType>;

const Properties = z.strictObject({
  TableName: z.optional(z.string()),
  KeySchema,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z._default(
    z.array(
      z.strictObject({
        IndexName,
        KeySchema,
        Projection,
        // Ignored locally:
        OnDemandThroughput: z.optional(OnDemandThroughput),
        ProvisionedThroughput: z.optional(ProvisionedThroughput),
      }),
    ),
    [],
  ),
  StreamSpecification: z.optional(z.strictObject({ StreamViewType })),
  TimeToLiveSpecification: z.optional(z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() })),
  // Ignored locally:
  BillingMode: z.optional(z.enum(['PAY_PER_REQUEST', 'PROVISIONED'])),
  DeletionProtectionEnabled: z.optional(z.boolean()),
  OnDemandThroughput: z.optional(OnDemandThroughput),
  PointInTimeRecoverySpecification: z.optional(
    z.strictObject({
      PointInTimeRecoveryEnabled: z.boolean(),
      RecoveryPeriodInDays: z.optional(z.number()),
    }),
  ),
  ProvisionedThroughput: z.optional(ProvisionedThroughput),
  SSESpecification: z.optional(z.strictObject({ SSEEnabled: z.boolean(), SSEType: z.optional(z.string()) })),
  Tags: z.optional(z.array(z.strictObject({ Key: z.string(), Value: z.string() }))),
});
export type TableProperties = z.infer<typeof Properties>;

/** `AWS::DynamoDB::Table`. */
export const TableResource = resourceType(Properties, {
  name: (properties, generated) => properties.TableName ?? generated.slice(0, 255),
  arn: tableArn,
  attributes: ({ arn }, { StreamSpecification }): Record<string, string> =>
    StreamSpecification ? { StreamArn: streamArn(arn) } : {},
});
