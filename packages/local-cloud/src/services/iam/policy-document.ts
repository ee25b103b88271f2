import * as z from 'zod/mini';
import { actionMatcher, arnMatcher, type Matcher, resourceMatcher, stringMatcher } from './wildcard.ts';

/**
 * The context of a request, by condition key. Source: IAM User Guide, "AWS global condition context
 * keys".
 */
export interface RequestContext {
  'aws:SecureTransport'?: string;
  'aws:SourceArn'?: string;
  'aws:SourceAccount'?: string;
}

/** A statement in normal form. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  coversAction: Matcher;
  coversResource: Matcher;
  /** Absent in an identity-based policy, which applies to the identity it is attached to. */
  principals: { AWS: readonly string[]; Service: readonly string[] } | undefined;
  /** All of them must hold. */
  conditions: readonly ((context: RequestContext) => boolean)[];
}

const conditionKeys = ['aws:SecureTransport', 'aws:SourceArn', 'aws:SourceAccount'] as const;

/**
 * By operator, functions that compile a value of the policy to a matcher of the request's value.
 */
const conditionOperators: Readonly<Record<string, (value: string) => Matcher>> = {
  ArnEquals: arnMatcher,
  ArnLike: arnMatcher,
  Bool: (value) => (actual) => actual === value.toLowerCase(),
  StringEquals: (value) => (actual) => actual === value,
  StringLike: stringMatcher,
};

/** Validates a list, or its only item in place of a list. */
function oneOrMany<Item>(item: z.ZodMiniType<Item>) {
  return z.pipe(
    z.transform((value: unknown): unknown => (Array.isArray(value) ? value : [value])),
    z.array(item).check(z.minLength(1)),
  );
}

const withoutVariables = z.string().check(z.regex(/^((?!\$\{).)*$/s, 'policy variables are not supported'));

const Actions = z.optional(
  oneOrMany(z.string().check(z.regex(/^(\*|[\w-]+:[\w*?]+)$/, 'this is not an action'))),
);
const Resources = z.optional(
  oneOrMany(withoutVariables.check(z.regex(/^(\*|arn:[^:*?]+:[^:*?]+:[^:]*:.*)$/s, 'this is not an ARN'))),
);

const Condition = z
  .record(
    z.string(),
    z.record(z.string(), oneOrMany(z.union([withoutVariables, z.pipe(z.boolean(), z.transform(String))]))),
  )
  .check(({ value, issues }) => {
    const refuse = (message: string) => issues.push({ code: 'custom', input: value, message });
    for (const [operator, tests] of Object.entries(value)) {
      if (!Object.hasOwn(conditionOperators, operator)) {
        refuse(`the condition operator ${operator} is not supported`);
      }
      for (const key of Object.keys(tests)) {
        if (!conditionKey(key)) refuse(`the condition key ${key} is not supported`);
      }
    }
  });

/**
 * Returns the condition key, which ignores case. Source: IAM User Guide, "IAM JSON policy elements:
 * Condition".
 */
function conditionKey(name: string) {
  return conditionKeys.find((key) => key.toLowerCase() === name.toLowerCase());
}

/**
 * Validates a principal: roles and users by their full ARN, accounts by their ID or their root
 * user's ARN. `"*"` is `{"AWS": "*"}`.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
const Principal = z.pipe(
  z.transform((value: unknown): unknown => (value === '*' ? { AWS: value } : value)),
  z.strictObject({
    AWS: z.optional(
      oneOrMany(
        z
          .string()
          .check(z.regex(/^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:[^*?]+)$/, 'this is not a principal')),
      ),
    ),
    Service: z.optional(oneOrMany(z.string().check(z.regex(/\.amazonaws\.com$/, 'this is not a service')))),
  }),
);

const everywhere = {
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Action: Actions,
  NotAction: Actions,
  Condition: z.optional(Condition),
};
const aboutResources = { Resource: Resources, NotResource: Resources };

function either(element: 'Action' | 'Resource') {
  return z.refine<Record<string, unknown>>(
    (statement) => (statement[element] === undefined) !== (statement[`Not${element}`] === undefined),
    `exactly one of ${element} and Not${element} is required`,
  );
}

/**
 * Returns a schema of policy documents. Source: IAM User Guide, "IAM JSON policy element
 * reference".
 */
function policyDocument<Elements>(statement: z.ZodMiniType<Elements>) {
  return z.strictObject({
    Version: z.optional(z.enum(['2012-10-17', '2008-10-17'])),
    Id: z.optional(z.string()),
    Statement: oneOrMany(statement),
  });
}

/** Validates the policy of a role. */
export const IdentityPolicy = policyDocument(
  z.strictObject({ ...everywhere, ...aboutResources }).check(either('Action'), either('Resource')),
);

/**
 * Validates the policy of a resource. `NotPrincipal`, which AWS advises against, is not supported.
 */
export const ResourcePolicy = policyDocument(
  z.strictObject({ ...everywhere, ...aboutResources, Principal }).check(either('Action'), either('Resource')),
);

/** Validates the trust policy of a role, which is its only resource. */
export const TrustPolicy = policyDocument(
  z.strictObject({ ...everywhere, Principal }).check(either('Action')),
);

export type PolicyDocument = z.infer<typeof IdentityPolicy | typeof ResourcePolicy | typeof TrustPolicy>;
type Elements = z.infer<typeof IdentityPolicy>['Statement'][number] &
  Partial<z.infer<typeof ResourcePolicy>['Statement'][number]>;

/** Returns the statements of a valid policy. */
export function statementsOf(document: PolicyDocument): Statement[] {
  return document.Statement.map((elements: Elements) => {
    const { Effect, Action, NotAction, Resource, NotResource, Principal, Condition = {} } = elements;
    return {
      effect: Effect,
      coversAction: covers(actionMatcher, Action, NotAction),
      // A trust policy has neither element and covers every resource.
      coversResource: covers(resourceMatcher, Resource, NotResource),
      principals: Principal && { AWS: Principal.AWS ?? [], Service: Principal.Service ?? [] },
      conditions: Object.entries(Condition).flatMap(([operator, tests]) =>
        Object.entries(tests).map(([key, values]) => compileCondition(operator, key, values)),
      ),
    };
  });
}

function covers(matcher: (pattern: string) => Matcher, listed?: string[], notListed: string[] = []): Matcher {
  const matchers = (listed ?? notListed).map(matcher);
  const one = (text: string) => matchers.some((matches) => matches(text));
  return listed ? one : (text) => !one(text);
}

/**
 * Compiles a condition. One of the values has to match. A key that the request lacks matches no
 * value.
 */
function compileCondition(operator: string, key: string, values: string[]) {
  const name = conditionKey(key);
  const matchers = values.map((value) => conditionOperators[operator]?.(value));
  return (context: RequestContext): boolean => {
    const actual = name && context[name];
    return actual !== undefined && matchers.some((matches) => matches?.(actual));
  };
}
