import type * as z from 'zod/mini';
import type { Account } from '../../template/resource-type.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import { functionArn, functionName } from '../lambda/function-arn.ts';
import { queueArn, queueName } from '../sqs/queue-arn.ts';
import {
  BucketPolicyResource,
  PermissionResource,
  QueuePolicyResource,
  TopicPolicyResource,
} from './iam-resources.ts';
import { type Statement, statementsOf } from './policy-document.ts';

/**
 * Returns the resource-based policies of the template, by the ARN of the resource.
 * @throws {TemplateError} if a topic, a queue or a bucket has two policies, of which AWS would keep
 * one
 */
export function resourcePolicies(template: Template, account: Account): Map<string, Statement[]> {
  const policies = new Map<string, Statement[]>();
  for (const { properties } of template.resources(PermissionResource)) {
    const arn = functionArn(functionName(properties.FunctionName), account);
    policies.set(arn, [...(policies.get(arn) ?? []), ...permissionStatements(arn, properties)]);
  }
  const documents = [
    ...template.resources(TopicPolicyResource).map(({ logicalId, properties }) => ({
      logicalId,
      document: properties.PolicyDocument,
      arns: properties.Topics,
    })),
    ...template.resources(QueuePolicyResource).map(({ logicalId, properties }) => ({
      logicalId,
      document: properties.PolicyDocument,
      arns: properties.Queues.map((url) => queueArn(queueName(url), account)),
    })),
    ...template.resources(BucketPolicyResource).map(({ logicalId, properties }) => ({
      logicalId,
      document: properties.PolicyDocument,
      arns: [`arn:aws:s3:::${properties.Bucket}`],
    })),
  ];
  for (const { logicalId, document, arns } of documents) {
    for (const arn of arns) {
      if (policies.has(arn))
        throw new TemplateError(`${logicalId}: ${arn} already has a policy; only one is supported.`);
      policies.set(arn, statementsOf(document));
    }
  }
  return policies;
}

/**
 * Returns the statements of Lambda permissions, as Lambda writes them. Source: AWS Lambda Developer
 * Guide, "Granting Lambda function access to AWS services".
 */
function permissionStatements(
  functionArn: string,
  { Action, Principal, SourceAccount, SourceArn }: z.infer<typeof PermissionResource.properties>,
): Statement[] {
  return statementsOf({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: [Principal] },
        Action: [Action],
        Resource: [functionArn],
        Condition: {
          ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': [SourceArn] } }),
          ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': [SourceAccount] } }),
        },
      },
    ],
  });
}
