import { AwsError } from '../../core/service.ts';
import type { Account } from '../../template/resource-type.ts';

/**
 * Answers an operation of AWS STS, which is `GetCallerIdentity` alone. Source: AWS STS API
 * Reference.
 * @param caller the ARN of the user or of the role's session
 * @throws {AwsError} `InvalidAction` for any other operation
 */
export function callSts(operation: string, caller: string, { id }: Account): object {
  if (operation !== 'GetCallerIdentity')
    throw new AwsError('InvalidAction', `The local cloud does not emulate ${operation} of sts.`);
  const [, kind, ...names] = /:(user|assumed-role)\/(?:.*\/)?([^/]+)$/.exec(caller) ?? [];
  const UserId = kind === 'user' ? 'AIDALOCALADMINISTRATOR' : `AROALOCALROLE:${names.join()}`;
  return { UserId, Account: id, Arn: caller };
}
