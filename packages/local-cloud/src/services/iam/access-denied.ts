import { AwsError } from '../../core/service.ts';
import type { Decision } from './policy-evaluation.ts';
import type { Permission } from './required-permissions.ts';

/** Why a request is refused, and by which kind of policies. */
export interface Denial {
  decision: Exclude<Decision, 'allow'>;
  policyType: 'identity-based' | 'resource-based';
}

/** How a service refuses, where that differs from `AccessDeniedException` with status 400 and from IAM's own words. */
const refusals: Readonly<
  Record<string, { code?: string; status: number; action?: (name: string) => string }>
> = {
  'execute-api': { status: 403 },
  lambda: { status: 403 },
  s3: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationError', status: 403, action: (name) => name.replace('sns:', 'SNS:') },
  sqs: { code: 'AccessDenied', status: 403, action: (name) => name.toLowerCase() },
};

/**
 * The error with which a service refuses a request.
 * Source: IAM User Guide, "Troubleshoot access denied error messages". The words in which SNS, SQS and API Gateway differ
 * are in no guide; they are those of the services' answers.
 * @param user an ARN, or the name of a service
 */
export function accessDenied(
  user: string,
  permission: Permission,
  { decision, policyType }: Denial,
): AwsError {
  const [prefix = ''] = permission.action.split(':');
  const { code = 'AccessDeniedException', status = 400, action = String } = refusals[prefix] ?? {};
  const name = action(permission.action);
  const begin = `User: ${user} is not authorized to perform: ${name}`;
  const denied = decision === 'explicit deny';
  if (prefix === 'execute-api') {
    const message = `${begin} on resource: ${masked(permission.resource)}${denied ? ' with an explicit deny' : ''}`;
    return new AwsError(code, message, status);
  }
  const where = permission.resource === '*' ? '' : ` on resource: ${permission.resource}`;
  const article = policyType === 'identity-based' ? 'an' : 'a';
  const reason = denied
    ? `with an explicit deny in ${article} ${policyType} policy`
    : `because no ${policyType} policy allows the ${name} action`;
  return new AwsError(code, `${begin}${where} ${reason}`, status);
}

/** API Gateway shows the end of the account's id only, and names the path's parameter in place of the connection. */
function masked(arn: string): string {
  return arn.replace(/:\d{8}(\d{4}):/, ':********$1:').replace(/[^/]*$/, '{connectionId}');
}
