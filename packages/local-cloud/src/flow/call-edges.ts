import { callHop, type Hop } from '../core/hop.ts';
import { WebSocketStageResource } from '../services/apigateway/websocket-resources.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { EventBusResource } from '../services/eventbridge/event-resources.ts';
import type { Authorizer } from '../services/iam/authorizer.ts';
import { knownOperations } from '../services/iam/required-permissions.ts';
import { functionLabel } from '../services/lambda/function-label.ts';
import { type FunctionProperties, FunctionResource } from '../services/lambda/lambda-resources.ts';
import { invocableFunctions } from '../services/lambda/qualifiers.ts';
import { SecretResource } from '../services/secretsmanager/secret-resource.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import type { Resource } from '../template/resource.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import type { Edge } from './edge.ts';

/** A resource that a function may call. */
interface Callee {
  service: string;
  /** The only operation on it; any operation of the service if absent. */
  operation?: string;
  /** The ARN that the role must allow. */
  arn: string;
  /** The node, by one of its names. */
  place: string;
  /**
   * The name that the environment of a calling function contains; absent where a call has no name.
   */
  name?: string;
}

/** Decides what the role of a function may do. */
export type Roles = Pick<Authorizer, 'allowsRole'>;

/**
 * Returns an edge for each operation that the role of a function allows on something that its
 * environment names.
 */
export function callEdges(template: Template, roles: Roles, account: Account): Edge[] {
  return allowed(template, roles, account, isNamed);
}

/**
 * Returns the hop of each operation that the role of a function allows, whether or not its
 * environment names the resource.
 */
export function allowedCalls(template: Template, roles: Roles, account: Account): Hop[] {
  return allowed(template, roles, account, () => true).map(({ hop }) => hop);
}

function allowed(
  template: Template,
  roles: Roles,
  account: Account,
  mayCall: (callee: Callee, properties: FunctionProperties) => boolean,
): Edge[] {
  const callees = calleesIn(template, account);
  return template.resources(FunctionResource).flatMap((called) =>
    callees
      .filter((callee) => mayCall(callee, called.properties))
      .flatMap(({ service, operation: only, arn, place }) =>
        knownOperations()
          .filter((known) => known.service === service && known.operation === (only ?? known.operation))
          .filter(({ action }) => roles.allowsRole(called.name, action, arn))
          .map(({ operation }) => {
            const hop = callHop(service, operation, functionLabel(called));
            return { from: called.arn, to: place, hop, label: operation };
          }),
      ),
  );
}

const CONNECTION_OPERATIONS = [
  ['PostToConnection', 'POST'],
  ['GetConnection', 'GET'],
  ['DeleteConnection', 'DELETE'],
] as const;

function calleesIn(template: Template, { region, id }: Account): Callee[] {
  const named = (service: string, resources: Resource<unknown>[]): Callee[] =>
    resources.map(({ arn, name }) => ({ service, arn, name, place: arn }));
  return [
    { service: 'comprehend', arn: '*', place: 'comprehend' },
    ...named('dynamodb', template.resources(TableResource)),
    // A call of an index goes to its table.
    ...template.resources(TableResource).flatMap(({ arn, name, properties }) =>
      properties.GlobalSecondaryIndexes.map(({ IndexName }) => ({
        service: 'dynamodb',
        arn: `${arn}/index/${IndexName}`,
        name,
        place: arn,
      })),
    ),
    ...named('events', template.resources(EventBusResource)),
    ...invocableFunctions(template).map(({ arn, resource }) => ({
      service: 'lambda',
      arn,
      name: resource.name,
      place: resource.arn,
    })),
    ...named('secretsmanager', template.resources(SecretResource)),
    ...named('sns', template.resources(TopicResource)),
    ...named('sqs', template.resources(QueueResource)),
    ...template.resources(WebSocketStageResource).flatMap(({ name: stage, properties: { ApiId: name } }) =>
      CONNECTION_OPERATIONS.map(([operation, method]) => ({
        service: 'execute-api',
        operation,
        arn: `arn:aws:execute-api:${region}:${id}:${name}/${stage}/${method}/@connections/any`,
        name,
        place: name,
      })),
    ),
  ];
}

function isNamed({ name }: Callee, { Environment }: FunctionProperties): boolean {
  return name === undefined || Object.values(Environment.Variables).some((value) => value.includes(name));
}
