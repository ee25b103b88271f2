import { parse } from '@aws-sdk/util-arn-parser';
import type { Log } from '../../core/log.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import { WebSocketStageResource } from '../apigateway/websocket-resources.ts';
import { type FunctionProperties, FunctionResource } from '../lambda/lambda-resources.ts';
import { accessDenied, type Denial } from './access-denied.ts';
import { overTls } from './execution-role.ts';
import { PolicyResource, RoleResource } from './iam-resources.ts';
import { managedPolicies } from './managed-policies.ts';
import { type Statement, statementsOf } from './policy-document.ts';
import { type Decision, evaluate, type Principal } from './policy-evaluation.ts';
import { type Permission, type Place, requiredPermissions } from './required-permissions.ts';
import { resourcePolicies } from './resource-policies.ts';

interface Caller {
  /** The name in AWS's messages. */
  user: string;
  /** The name in the terminal. */
  constructPath: string;
  principal: Principal;
  identityPolicies: readonly Statement[];
}

/**
 * Allows or denies the requests in the account, by the policies of the template.
 * Source: IAM User Guide, "Policy evaluation for requests within a single account".
 */
export class Authorizer {
  readonly #template: Template;
  readonly #place: Place;
  readonly #log: Log;
  /** The callers, by the names of the functions. */
  readonly #callers: ReadonlyMap<string, Caller>;
  readonly #administrator: Caller;
  /** The statements by the ARN of the resource. */
  readonly #resourcePolicies: ReadonlyMap<string, readonly Statement[]>;

  constructor(template: Template, { account, log }: { account: Account; log: Log }) {
    this.#template = template;
    const [stage] = template.resources(WebSocketStageResource);
    this.#place = { ...account, webSocketStage: stage && `${stage.properties.ApiId}/${stage.name}` };
    this.#log = log;
    const functions = template.resources(FunctionResource);
    this.#callers = new Map(functions.map((called) => [called.name, callerOf(called, template, account)]));
    this.#administrator = administratorOf(account);
    this.#resourcePolicies = resourcePolicies(template, account);
  }

  /**
   * Authorizes a call of an AWS API.
   * @param functionName the function whose role makes the call; without it, the account's
   * administrator does
   * @param service as for `requiredPermissions`, like `operation` and `input`
   * @returns the resources of the call: ARNs, or `*` for a call that is about no single resource
   * @throws {AwsError} the error of the service, which the log reports too
   */
  authorizeCall(
    functionName: string | undefined,
    service: string,
    operation: string,
    input: unknown,
  ): string[] {
    const caller = functionName === undefined ? this.#administrator : this.#caller(functionName);
    const permissions = requiredPermissions(service, operation, input, this.#place);
    for (const permission of permissions) this.#authorize(caller, permission);
    return permissions.map(({ resource }) => resource);
  }

  /**
   * Authorizes an action of Lambda in a function's role, e.g. `sqs:SendMessage` to its failure
   * destination.
   * @throws {AwsError} the error of the called service, which the log reports too
   */
  authorizeRole(functionName: string, action: string, resource: string): void {
    this.#authorize(this.#caller(functionName), { action, resource });
  }

  /**
   * Returns the ARN of the caller of an API: the session of a function's role, or the administrator.
   */
  callerArn(functionName: string | undefined): string {
    return (functionName === undefined ? this.#administrator : this.#caller(functionName)).user;
  }

  /** Returns whether a function's role allows an action on a resource, an ARN. */
  allowsRole(functionName: string, action: string, resource: string): boolean {
    const { principal, identityPolicies } = this.#caller(functionName);
    return evaluate(identityPolicies, { action, resource, principal, context: overTls }) === 'allow';
  }

  /**
   * Authorizes an action of an AWS service on a resource, by the resource's policy.
   * @param service e.g. `events.amazonaws.com`
   * @param sourceArn the resource that the service acts for, e.g. a rule
   * @throws {AwsError} the error of the called service, which the log reports too
   */
  authorizeService(service: string, action: string, resource: string, sourceArn: string): void {
    const decision = this.#decide(service, action, resource, sourceArn);
    if (decision === 'allow') return;
    const denial: Denial = { decision, policyType: 'resource-based' };
    this.#refuse(service, this.#pathOf(resource), { action, resource }, denial);
  }

  /** Returns whether the policy of a resource allows an action to an AWS service. */
  allowsService(service: string, action: string, resource: string, sourceArn: string): boolean {
    return this.#decide(service, action, resource, sourceArn) === 'allow';
  }

  #decide(service: string, action: string, resource: string, sourceArn: string): Decision {
    // EventBridge meets no condition of a topic's policy.
    // Source: EventBridge User Guide, "Using resource-based policies for Amazon EventBridge: Amazon
    // SNS permissions".
    const context =
      service === 'events.amazonaws.com' && action === 'sns:Publish'
        ? {}
        : { ...overTls, 'aws:SourceArn': sourceArn, 'aws:SourceAccount': parse(sourceArn).accountId };
    const request = { principal: { service }, action, resource, context };
    return evaluate(this.#resourcePolicies.get(policyHolder(resource)) ?? [], request);
  }

  #authorize({ user, constructPath, principal, identityPolicies }: Caller, permission: Permission): void {
    const request = { ...permission, principal, context: overTls };
    const byIdentity = evaluate(identityPolicies, request);
    const byResource = evaluate(this.#resourcePolicies.get(permission.resource) ?? [], request);
    if (byResource === 'explicit deny' && byIdentity !== 'explicit deny') {
      const denial: Denial = { decision: byResource, policyType: 'resource-based' };
      this.#refuse(user, this.#pathOf(permission.resource), permission, denial);
    }
    if (byIdentity === 'allow' || (byResource === 'allow' && byIdentity === 'implicit deny')) return;
    this.#refuse(user, constructPath, permission, { decision: byIdentity, policyType: 'identity-based' });
  }

  #refuse(user: string, constructPath: string, permission: Permission, denial: Denial): never {
    const error = accessDenied(user, permission, denial);
    this.#log.error('iam', `${constructPath}: ${error.message}`);
    throw error;
  }

  #caller(functionName: string): Caller {
    const caller = this.#callers.get(functionName);
    if (!caller) throw new Error(`There is no function ${functionName}.`);
    return caller;
  }

  #pathOf(arn: string): string {
    return this.#template.constructPath(policyHolder(arn)) ?? arn;
  }
}

/**
 * Returns the ARN of the resource with the policy: the bucket of an S3 object, otherwise the
 * resource itself.
 */
function policyHolder(arn: string): string {
  return arn.startsWith('arn:aws:s3:::') ? arn.replace(/\/.*/s, '') : arn;
}

function administratorOf({ id }: Account): Caller {
  const user = `arn:aws:iam::${id}:user/administrator`;
  return {
    user,
    constructPath: 'administrator',
    principal: { arns: [user], account: id },
    identityPolicies: statementsOf({ Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }] }),
  };
}

function callerOf(called: Resource<FunctionProperties>, template: Template, { id }: Account): Caller {
  const role = template.resources(RoleResource).find(({ arn }) => arn === called.properties.Role);
  if (!role)
    throw new TemplateError(`${called.logicalId}: the template has no role ${called.properties.Role}.`);
  const { ManagedPolicyArns, Policies } = role.properties;
  const managed = ManagedPolicyArns.flatMap((arn) => managedPolicies[arn] ?? []);
  const attached = template
    .resources(PolicyResource)
    .filter(({ properties }) => properties.Roles.includes(role.name))
    .map(({ properties }) => properties);
  const session = `arn:aws:sts::${id}:assumed-role/${role.name}/${called.name}`;
  return {
    user: session,
    constructPath: role.constructPath,
    principal: { arns: [role.arn, session], account: id },
    identityPolicies: [
      ...managed,
      ...[...Policies, ...attached].map(({ PolicyDocument }) => PolicyDocument),
    ].flatMap(statementsOf),
  };
}
