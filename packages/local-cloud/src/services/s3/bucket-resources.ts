import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';

/** `AWS::S3::Bucket`. */
export const BucketResource = resourceType(
  z.strictObject({
    BucketName: z.optional(z.string()),
    // Ignored locally:
    BucketEncryption: z.optional(z.unknown()),
    LifecycleConfiguration: z.optional(z.unknown()),
    OwnershipControls: z.optional(z.unknown()),
    PublicAccessBlockConfiguration: z.optional(z.unknown()),
    Tags: z.optional(z.unknown()),
    VersioningConfiguration: z.optional(z.unknown()),
  }),
  {
    name: ({ BucketName }, generated) => BucketName ?? generated.toLowerCase().slice(0, 63),
    arn: (name) => `arn:aws:s3:::${name}`,
    attributes: ({ name }, _properties, { region }) => ({
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    }),
  },
);

const BucketDeploymentProperties = z.strictObject({
  DestinationBucketName: z.string(),
  SourceObjectKeys: z.array(z.string()),
  SourceMarkers: z._default(z.array(z.record(z.string(), z.string())), []),
  SystemMetadata: z._default(z.strictObject({ 'cache-control': z.optional(z.string()) }), {}),
  // Ignored locally, where the bucket is empty at each start:
  OutputObjectKeys: z.optional(z.boolean()),
  Prune: z.optional(z.boolean()),
  RetainOnDelete: z.optional(z.boolean()),
  ServiceToken: z.string(),
  SourceBucketNames: z.array(z.string()),
  SourceMarkersConfig: z.optional(z.array(z.strictObject({}))),
  WaitForDistributionInvalidation: z.optional(z.boolean()),
});

/**
 * `Custom::CDKBucketDeployment`: fills a bucket from assets. Source: AWS CDK API Reference,
 * "aws-cdk-lib.aws_s3_deployment module", "How it works".
 */
export const BucketDeploymentResource = resourceType(BucketDeploymentProperties);
