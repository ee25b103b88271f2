import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';
import { IdentityPolicy, ResourcePolicy, TrustPolicy } from './policy-document.ts';

/** `AWS::IAM::Role`. */
export const RoleResource = resourceType(
  z.strictObject({
    RoleName: z.optional(z.string()),
    AssumeRolePolicyDocument: TrustPolicy,
    Policies: z._default(
      z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: IdentityPolicy })),
      [],
    ),
    ManagedPolicyArns: z._default(z.array(z.string()), []),
    // Ignored locally:
    Description: z.optional(z.string()),
    Tags: z.optional(z.unknown()),
  }),
  {
    name: ({ RoleName }, generated) => RoleName ?? generated.slice(0, 64),
    arn: (name, account) => `arn:aws:iam::${account.id}:role/${name}`,
  },
);

/** `AWS::IAM::Policy`: an inline policy, declared separately from its roles. */
export const PolicyResource = resourceType(
  z.strictObject({ PolicyName: z.string(), PolicyDocument: IdentityPolicy, Roles: z.array(z.string()) }),
);

/** `AWS::Lambda::Permission` for an AWS service. */
export const PermissionResource = resourceType(
  z.strictObject({
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string().check(z.regex(/\.amazonaws\.com$/, 'only AWS services are supported')),
    SourceArn: z.optional(z.string()),
    SourceAccount: z.optional(z.string()),
  }),
);

/** `AWS::SNS::TopicPolicy`. */
export const TopicPolicyResource = resourceType(
  z.strictObject({ PolicyDocument: ResourcePolicy, Topics: z.array(z.string()) }),
);

/** `AWS::SQS::QueuePolicy`. */
export const QueuePolicyResource = resourceType(
  z.strictObject({ PolicyDocument: ResourcePolicy, Queues: z.array(z.string()) }),
);

/** `AWS::S3::BucketPolicy`. */
export const BucketPolicyResource = resourceType(
  z.strictObject({ PolicyDocument: ResourcePolicy, Bucket: z.string() }),
);
