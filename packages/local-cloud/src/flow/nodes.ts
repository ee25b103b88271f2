import { streamOf } from '../core/hop.ts';
import type { ArchitectureNode, NodeKind } from '../core/steps.ts';
import { RestApiResource } from '../services/apigateway/rest-resources.ts';
import { WebSocketApiResource } from '../services/apigateway/websocket-resources.ts';
import { streamArn } from '../services/dynamodb/table-arn.ts';
import { type TableProperties, TableResource } from '../services/dynamodb/table-resource.ts';
import { ArchiveResource } from '../services/eventbridge/archive-resource.ts';
import { EventBusResource, RuleResource } from '../services/eventbridge/event-resources.ts';
import { functionLabel } from '../services/lambda/function-label.ts';
import { FunctionResource } from '../services/lambda/lambda-resources.ts';
import { invocableFunctions } from '../services/lambda/qualifiers.ts';
import { SecretResource } from '../services/secretsmanager/secret-resource.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import { constructName, type Resource } from '../template/resource.ts';
import type { Template } from '../template/template.ts';

/** A node, and what steps and other resources call it besides its ID. */
export interface NamedNode extends ArchitectureNode {
  names: string[];
}

/** The nodes that are not resources of a template. */
export const outerNodes: readonly NamedNode[] = (['client', 'comprehend', 'mail'] as const).map((id) => ({
  id,
  label: id,
  kind: id,
  names: [],
}));

/** Returns a node for each resource that something passes. */
export function resourceNodes(template: Template): NamedNode[] {
  const invocable = invocableFunctions(template);
  return [
    ...template.resources(RestApiResource).map((api) => node(api, 'rest-api', api.properties.Name)),
    ...template.resources(WebSocketApiResource).map((api) => node(api, 'websocket-api', api.properties.Name)),
    ...template.resources(FunctionResource).map((called) => ({
      ...node(called, 'function', functionLabel(called)),
      names: invocable
        .filter(({ resource }) => resource.logicalId === called.logicalId)
        .flatMap(({ arn, name }) => [arn, name]),
    })),
    ...template.resources(TableResource).flatMap(tableNodes),
    ...template.resources(EventBusResource).map((bus) => node(bus, 'bus')),
    ...template.resources(ArchiveResource).map((archive) => {
      // The CDK calls the resource in its construct `Archive`, and not `Resource`.
      const constructPath = archive.constructPath.replace(/\/Archive$/, '');
      return node(archive, 'archive', constructName({ constructPath }));
    }),
    ...template.resources(RuleResource).map((rule) => {
      const { Name, ScheduleExpression } = rule.properties;
      // A rule can have the name of its bus, so only its ARN refers to it.
      return { ...node(rule, 'rule', Name ?? ScheduleExpression), names: [rule.arn] };
    }),
    ...template.resources(TopicResource).map((topic) => node(topic, 'topic')),
    ...template.resources(QueueResource).map((queue) => node(queue, 'queue')),
    ...template.resources(SecretResource).map((secret) => node(secret, 'secret')),
  ];
}

function tableNodes(table: Resource<TableProperties>): NamedNode[] {
  if (!table.properties.StreamSpecification) return [node(table, 'table')];
  const label = streamOf(constructName(table));
  const names = [streamArn(table.arn)];
  return [node(table, 'table'), { id: `${table.logicalId}.stream`, label, kind: 'stream', names }];
}

function node(resource: Resource<unknown>, kind: NodeKind, label = constructName(resource)): NamedNode {
  return { id: resource.logicalId, label, kind, names: [resource.arn, resource.name] };
}
