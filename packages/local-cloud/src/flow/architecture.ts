import {
  callHop,
  deadLetterHop,
  deliveryHop,
  eventHop,
  eventQueueOf,
  type Hop,
  hopName,
  httpRequest,
  mailHop,
  messageHop,
  requestHop,
  runHop,
  streamOf,
  streamReadHop,
  webSocketRequest,
} from '../core/hop.ts';
import { resourceName } from '../core/resource-name.ts';
import type { ArchitectureEdge, ArchitectureNode, NodeKind } from '../core/steps.ts';
import { functionArnOf } from '../services/apigateway/lambda-integration.ts';
import { pathsOf } from '../services/apigateway/rest-api.ts';
import { MethodResource, RestApiResource } from '../services/apigateway/rest-resources.ts';
import {
  IntegrationResource,
  RouteResource,
  WebSocketApiResource,
  WebSocketStageResource,
} from '../services/apigateway/websocket-resources.ts';
import { parseStreamArn, streamArn } from '../services/dynamodb/table-arn.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { EventBusResource, RuleResource } from '../services/eventbridge/event-resources.ts';
import type { Authorizer } from '../services/iam/authorizer.ts';
import { knownOperations } from '../services/iam/required-permissions.ts';
import { labelOf } from '../services/lambda/function.ts';
import {
  EventInvokeConfigResource,
  EventSourceMappingResource,
  type FunctionProperties,
  FunctionResource,
} from '../services/lambda/lambda-resources.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import type { Resource } from '../template/resource.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';

/** Something that a function's role may act on, by an ARN that stands for it. */
interface Callee {
  service: string;
  /** The one that is called on it; any of the service if absent. */
  operation?: string;
  arn: string;
  node: string;
  /** What the environment of a function that calls it names; absent where a call names nothing. */
  name?: string;
}

/**
 * The stack as a graph, read from the template alone: what it has, and how its parts are wired. A function is drawn to
 * call what its role allows and its environment names.
 */
export class ArchitectureGraph {
  readonly nodes: ArchitectureNode[] = [];
  readonly edges: ArchitectureEdge[] = [];
  /** The nodes by all that steps call them. */
  readonly #nodeIds = new Map<string, string>();

  constructor(template: Template, authorizer: Pick<Authorizer, 'allowsRole'>, account: Account) {
    this.#addNodes(template);
    this.#addRestApi(template);
    this.#addWebSocketApi(template);
    this.#addCalls(template, authorizer, account);
    this.#addStreams(template);
    this.#addRules(template);
    this.#addFailures(template);
    const connected = new Set(this.edges.flatMap(({ from, to }) => [from, to]));
    const isShown = ({ id }: ArchitectureNode) => connected.has(id) || !FIXED_NODES.has(id);
    this.nodes = this.nodes.filter(isShown);
  }

  /**
   * The id of the node that a step goes to.
   * @param place an ARN, a function's, bus's or API's name, or a fixed word; given back if no node is called so
   */
  nodeId(place: string): string {
    const api = /^arn:aws:execute-api:[^:]*:[^:]*:([^/]+)/.exec(place)?.[1];
    return this.#nodeIds.get(api ?? place.replace(/\/index\/.*$/, '')) ?? place;
  }

  /** What the node that a step goes to is called. */
  label(place: string): string {
    const id = this.nodeId(place);
    return this.nodes.find((node) => node.id === id)?.label ?? id;
  }

  #addNodes(template: Template): void {
    for (const [id, kind] of FIXED_NODES) this.#addNode({ id, label: id, kind });
    for (const api of template.resources(RestApiResource))
      this.#addResource(api, 'rest-api', api.properties.Name);
    for (const api of template.resources(WebSocketApiResource))
      this.#addResource(api, 'websocket-api', api.properties.Name);
    for (const called of template.resources(FunctionResource))
      this.#addResource(called, 'function', labelOf(called.properties.Handler));
    for (const table of template.resources(TableResource)) {
      this.#addResource(table, 'table');
      if (!table.properties.StreamSpecification) continue;
      const id = `${table.logicalId}.stream`;
      this.#addNode({ id, label: `stream of ${constructName(table)}`, kind: 'stream' }, [
        streamArn(table.arn),
      ]);
    }
    for (const bus of template.resources(EventBusResource)) this.#addResource(bus, 'bus');
    for (const rule of template.resources(RuleResource)) {
      const { Name, ScheduleExpression } = rule.properties;
      const label = Name ?? ScheduleExpression ?? constructName(rule);
      this.#addNode({ id: rule.logicalId, label, kind: 'rule' }, [rule.arn]);
    }
    for (const topic of template.resources(TopicResource)) this.#addResource(topic, 'topic');
    for (const queue of template.resources(QueueResource)) this.#addResource(queue, 'queue');
  }

  #addResource(resource: Resource<unknown>, kind: NodeKind, label = constructName(resource)): void {
    this.#addNode({ id: resource.logicalId, label, kind }, [resource.arn, resource.name]);
  }

  #addNode(node: ArchitectureNode, names: string[] = []): void {
    this.nodes.push(node);
    for (const name of [node.id, ...names]) this.#nodeIds.set(name, node.id);
  }

  /** @param hop as the steps call it; `label` is what of it is not said by the two nodes */
  #addEdge(from: string, to: string, hop: Hop, label: string, faults = true): void {
    const name = hopName(hop);
    const alike = this.edges.filter((edge) => hopName(edge.hop) === name);
    if (alike.some((edge) => edge.from === from && edge.to === to)) return;
    const id = alike.length > 0 ? `${name} (${from}, ${to})` : name;
    this.edges.push({ id, from, to, label, hop, faults });
  }

  #addRestApi(template: Template): void {
    const segmentsOf = pathsOf(template);
    for (const { properties } of template.resources(MethodResource)) {
      const { HttpMethod, Integration, ResourceId, RestApiId } = properties;
      if (Integration.Type !== 'AWS_PROXY') continue;
      const request = httpRequest(HttpMethod, `/${segmentsOf(ResourceId).join('/')}`);
      this.#addIntegration(this.nodeId(RestApiId), request, Integration.Uri, true);
    }
  }

  #addWebSocketApi(template: Template): void {
    const uris = new Map(
      template
        .resources(IntegrationResource)
        .map(({ name, properties }) => [`integrations/${name}`, properties.IntegrationUri]),
    );
    for (const { properties } of template.resources(RouteResource)) {
      const uri = uris.get(properties.Target);
      if (uri)
        this.#addIntegration(
          this.nodeId(properties.ApiId),
          webSocketRequest(properties.RouteKey),
          uri,
          false,
        );
    }
    for (const { logicalId } of template.resources(WebSocketApiResource))
      this.#addEdge(logicalId, 'client', messageHop, 'messages', false);
  }

  /** @param faults whether there are any on the way from the client */
  #addIntegration(api: string, request: string, uri: string, faults: boolean): void {
    const target = functionArnOf(uri);
    this.#addEdge('client', api, requestHop(request), request, faults);
    this.#addEdge(api, this.nodeId(target), runHop(request, this.label(target)), request);
  }

  #addCalls(template: Template, authorizer: Pick<Authorizer, 'allowsRole'>, account: Account): void {
    const callees = calleesIn(template, account);
    for (const { logicalId, name, properties } of template.resources(FunctionResource)) {
      const label = labelOf(properties.Handler);
      for (const callee of callees.filter((candidate) => isNamed(candidate, properties))) {
        for (const { service, operation, action } of knownOperations()) {
          if (service !== callee.service || operation !== (callee.operation ?? operation)) continue;
          if (!authorizer.allowsRole(name, action, callee.arn)) continue;
          this.#addEdge(logicalId, this.nodeId(callee.node), callHop(service, operation, label), operation);
        }
      }
    }
  }

  #addStreams(template: Template): void {
    for (const { properties } of template.resources(EventSourceMappingResource)) {
      const stream = this.nodeId(properties.EventSourceArn);
      const target = this.nodeId(properties.FunctionName);
      const { tableName: table } = parseStreamArn(properties.EventSourceArn);
      this.#addEdge(this.nodeId(table), stream, streamReadHop(table), 'changes');
      this.#addEdge(stream, target, runHop(streamOf(table), this.label(target)), 'batches');
      const queue = properties.DestinationConfig?.OnFailure?.Destination;
      if (queue) this.#addDeadLetters(target, queue);
    }
  }

  #addRules(template: Template): void {
    for (const { logicalId, name, properties } of template.resources(RuleResource)) {
      const { EventBusName: bus, EventPattern, ScheduleExpression, Targets } = properties;
      if (EventPattern && this.#nodeIds.has(bus))
        this.#addEdge(this.nodeId(bus), logicalId, eventHop(bus, name), 'matches', false);
      for (const { Arn, DeadLetterConfig } of Targets) {
        const target = this.nodeId(Arn);
        const label = this.#labelOf(target);
        const hop = deliveryHop(name, label ?? resourceName(Arn));
        this.#addEdge(logicalId, target, hop, ScheduleExpression ? 'when due' : 'delivers');
        if (label) this.#addEdge(target, target, runHop(eventQueueOf(label), label), 'runs, with retries');
        if (DeadLetterConfig) this.#addDeadLetters(target, DeadLetterConfig.Arn);
      }
    }
    for (const { logicalId, name } of template.resources(TopicResource))
      this.#addEdge(logicalId, 'mail', mailHop(name), 'mails');
  }

  #addFailures(template: Template): void {
    for (const { logicalId, properties } of template.resources(FunctionResource)) {
      if (properties.DeadLetterConfig) this.#addDeadLetters(logicalId, properties.DeadLetterConfig.TargetArn);
    }
    for (const { properties } of template.resources(EventInvokeConfigResource)) {
      const queue = properties.DestinationConfig?.OnFailure?.Destination;
      if (queue) this.#addDeadLetters(this.nodeId(properties.FunctionName), queue);
    }
  }

  #addDeadLetters(from: string, queueArn: string): void {
    this.#addEdge(from, this.nodeId(queueArn), deadLetterHop(resourceName(queueArn)), 'given up');
  }

  /** The label of a function, by its node or what else it is called. */
  #labelOf(place: string): string | undefined {
    const id = this.nodeId(place);
    return this.nodes.find((node) => node.id === id && node.kind === 'function')?.label;
  }
}

const FIXED_NODES: ReadonlyMap<string, NodeKind> = new Map([
  ['client', 'client'],
  ['comprehend', 'comprehend'],
  ['mail', 'mail'],
]);

const CONNECTION_OPERATIONS = [
  ['PostToConnection', 'POST'],
  ['GetConnection', 'GET'],
  ['DeleteConnection', 'DELETE'],
] as const;

function calleesIn(template: Template, { region, id }: Account): Callee[] {
  const named = (service: string, resources: Resource<unknown>[]): Callee[] =>
    resources.map(({ arn, name, logicalId }) => ({ service, arn, name, node: logicalId }));
  return [
    { service: 'comprehend', arn: '*', node: 'comprehend' },
    ...named('dynamodb', template.resources(TableResource)),
    // What a role may do with an index, it does with the table.
    ...template.resources(TableResource).flatMap(({ arn, name, logicalId, properties }) =>
      properties.GlobalSecondaryIndexes.map(({ IndexName }) => ({
        service: 'dynamodb',
        arn: `${arn}/index/${IndexName}`,
        name,
        node: logicalId,
      })),
    ),
    ...named('events', template.resources(EventBusResource)),
    ...named('lambda', template.resources(FunctionResource)),
    ...named('sns', template.resources(TopicResource)),
    ...named('sqs', template.resources(QueueResource)),
    ...template.resources(WebSocketStageResource).flatMap(({ name: stage, properties: { ApiId: name } }) =>
      CONNECTION_OPERATIONS.map(([operation, method]) => ({
        service: 'execute-api',
        operation,
        arn: `arn:aws:execute-api:${region}:${id}:${name}/${stage}/${method}/@connections/any`,
        name,
        node: name,
      })),
    ),
  ];
}

function isNamed({ name }: Callee, { Environment }: FunctionProperties): boolean {
  return name === undefined || Object.values(Environment.Variables).some((value) => value.includes(name));
}

/** What the source calls a resource: of `Blog-dev/Posts/Table/Resource`, `Table`. */
function constructName({ constructPath }: Resource<unknown>): string {
  const names = constructPath.split('/').filter((name) => name !== 'Resource' && name !== 'Default');
  return names.at(-1) ?? constructPath;
}
