import * as z from 'zod/mini';
import { resourceType } from '../../template/resource-type.ts';
import { managedPolicies } from './managed-policies.ts';
import { IdentityPolicy, ResourcePolicy, TrustPolicy } from './policy-document.ts';

const RoleProperties = z.strictObject({
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
});

/**
 * Refuses managed policies whose permissions are not known. Only the roles of functions make calls
 * here.
 */
const knowsManagedPolicies: z.core.CheckFn<z.infer<typeof RoleProperties>> = ({ value, issues }) => {
  const { AssumeRolePolicyDocument, ManagedPolicyArns } = value;
  const services = AssumeRolePolicyDocument.Statement.flatMap(({ Principal }) => Principal.Service ?? []);
  if (!services.includes('lambda.amazonaws.com')) return;
  for (const [index, arn] of ManagedPolicyArns.entries()) {
    const message = 'this managed policy is not supported';
    if (!managedPolicies[arn])
      issues.push({ code: 'custom', input: arn, path: ['ManagedPolicyArns', index], message });
  }
};

/** `AWS::IAM::Role`. */
export const RoleResource = resourceType(RoleProperties.check(knowsManagedPolicies), {
  name: ({ RoleName }, generated) => RoleName ?? generated.slice(0, 64),
  arn: (name, account) => `arn:aws:iam::${account.id}:role/${name}`,
  parts: ['ManagedPolicyArns'],
});

/** `AWS::IAM::Policy`: an inline policy, declared separately from its roles. */
export const PolicyResource = resourceType(
  z.strictObject({ PolicyName: z.string(), PolicyDocument: IdentityPolicy, Roles: z.array(z.string()) }),
  { parts: ['PolicyDocument.Statement'] },
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
  { parts: ['PolicyDocument.Statement'] },
);

/** `AWS::SQS::QueuePolicy`. */
export const QueuePolicyResource = resourceType(
  z.strictObject({ PolicyDocument: ResourcePolicy, Queues: z.array(z.string()) }),
  { parts: ['PolicyDocument.Statement'] },
);

/** `AWS::S3::BucketPolicy`. */
export const BucketPolicyResource = resourceType(
  z.strictObject({ PolicyDocument: ResourcePolicy, Bucket: z.string() }),
  { parts: ['PolicyDocument.Statement'] },
);
