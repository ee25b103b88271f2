import type { RequestContext, Statement } from './policy-document.ts';

/** The author of a request: an AWS service, or an identity of an account. */
export type Principal =
  | { service: string }
  | {
      /** The names in a policy: the ARNs of a role and of its session. */
      arns: readonly string[];
      account: string;
    };

export interface Request {
  principal: Principal;
  /** E.g. `dynamodb:PutItem`. */
  action: string;
  /** An ARN, or `*` for an action without a resource. */
  resource: string;
  context: RequestContext;
}

export type Decision = 'allow' | 'explicit deny' | 'implicit deny';

/**
 * Returns the decision of the statements on a request. Source: IAM User Guide, "Policy evaluation
 * logic".
 */
export function evaluate(statements: readonly Statement[], request: Request): Decision {
  const applying = statements.filter((statement) => applies(statement, request));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'explicit deny';
  return applying.length > 0 ? 'allow' : 'implicit deny';
}

function applies(statement: Statement, { principal, action, resource, context }: Request): boolean {
  return (
    statement.coversAction(action) &&
    statement.coversResource(resource) &&
    isAbout(statement, principal) &&
    statement.conditions.every((holds) => holds(context))
  );
}

/**
 * Returns whether a statement applies to a principal. A statement about an account applies to all
 * of its identities only if it denies. If it allows, it delegates the decision to their own
 * policies. Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
function isAbout({ effect, principals }: Statement, principal: Principal): boolean {
  if (!principals || principals.AWS.includes('*')) return true;
  if ('service' in principal) return principals.Service.includes(principal.service);
  const { arns, account } = principal;
  const names = effect === 'Deny' ? [...arns, account, `arn:aws:iam::${account}:root`] : arns;
  return names.some((name) => principals.AWS.includes(name));
}
