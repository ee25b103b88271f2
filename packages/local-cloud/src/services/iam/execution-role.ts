import type { Finding, Template } from '../../template/template.ts';
import { FunctionResource } from '../lambda/lambda-resources.ts';
import { RoleResource } from './iam-resources.ts';
import { type RequestContext, statementsOf } from './policy-document.ts';
import { evaluate } from './policy-evaluation.ts';

/** AWS accepts calls over TLS only, so every request of the local cloud counts as such. */
export const overTls: RequestContext = { 'aws:SecureTransport': 'true' };

/**
 * Returns the functions that cannot have the role in their property `Role`. Source: AWS Lambda
 * Developer Guide, "Defining Lambda function permissions with an execution role".
 */
export function compareExecutionRoles(template: Template): Finding[] {
  const roles = new Map(template.resources(RoleResource).map((role) => [role.arn, role]));
  return template.resources(FunctionResource).flatMap(({ logicalId, properties: { Role } }): Finding[] => {
    const role = roles.get(Role);
    if (!role) {
      const isSkipped = template.skipped.sentence(Role, 'iam') !== undefined;
      return [{ logicalId, ...(!isSkipped && { reason: `Role: ${Role} is not a role of the stack.` }) }];
    }
    const decision = evaluate(statementsOf(role.properties.AssumeRolePolicyDocument), {
      principal: { service: 'lambda.amazonaws.com' },
      action: 'sts:AssumeRole',
      resource: Role,
      context: overTls,
    });
    const reason = 'The role defined for the function cannot be assumed by Lambda.';
    return decision === 'allow' ? [] : [{ logicalId, reason }];
  });
}
