import { AwsError } from '../../core/service.ts';
import type { Decision } from './policy-evaluation.ts';
import type { Permission } from './required-permissions.ts';

/** The reason why a request is denied, and the type of the policy that denies it. */
export interface Denial {
  decision: Exclude<Decision, 'allow'>;
  policyType: 'identity-based' | 'resource-based';
}

/**
 * The error codes, statuses and action names of the services that differ from
 * `AccessDeniedException` with status 400.
 */
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
 * Returns the error with which a service denies a request.
 * Source: IAM User Guide, "Troubleshoot access denied error messages". The deviating texts of SNS,
 * SQS and API Gateway are in no guide; they come from responses of the services.
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

/**
 * Returns the ARN as API Gateway shows it: with the last digits of the account ID only, and with
 * the path parameter in place of the connection.
 */
function masked(arn: string): string {
  return arn.replace(/:\d{8}(\d{4}):/, ':********$1:').replace(/[^/]*$/, '{connectionId}');
}
