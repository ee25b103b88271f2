import * as z from 'zod/mini';
import { isFromClient } from '../core/hop.ts';
import type { NodeContents, TextTable } from '../core/node-contents.ts';
import type { Service } from '../core/service.ts';
import type { ArchitectureNode } from '../core/steps.ts';
import type { WebSocketApi } from '../services/apigateway/websocket-api.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { ArchiveResource } from '../services/eventbridge/archive-resource.ts';
import { RuleResource } from '../services/eventbridge/event-resources.ts';
import { FunctionResource } from '../services/lambda/lambda-resources.ts';
import { TopicResource } from '../services/sns/topic-resource.ts';
import type { Queue } from '../services/sqs/queue.ts';
import type { Sqs } from '../services/sqs/sqs.ts';
import type { Resource } from '../template/resource.ts';
import type { Template } from '../template/template.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { shownVariables } from './environment-variables.ts';
import type { Redrive } from './redrive.ts';

/** The services that know what is in a node. */
export interface NodeServices {
  architecture: Pick<ArchitectureGraph, 'edges' | 'label' | 'nodeId'>;
  dynamoDb: Pick<Service, 'call'>;
  eventBridge: Pick<Service, 'call'>;
  /** Replaces the URLs of AWS in the value of an environment variable. */
  localize: (value: string) => string;
  redrive: Redrive;
  sns: Pick<Service, 'call'>;
  sqs: Pick<Sqs, 'queues'>;
  webSocketApi: WebSocketApi | undefined;
}

type Facts = Pick<NodeContents, 'facts' | 'tables' | 'pattern'>;

/** The maximum number of rows in a table. */
const ROWS = 100;

const Subscribed = z.object({
  Subscriptions: z.array(z.object({ Endpoint: z.string(), SubscriptionArn: z.string() })),
});
const Filtered = z.object({ Attributes: z.object({ FilterPolicy: z.optional(z.string()) }) });
const Archive = z.object({ EventCount: z.number(), SizeBytes: z.number(), State: z.string() });

/** Returns what a template and its services say about a node. */
export async function nodeFacts(
  { id, kind }: ArchitectureNode,
  template: Template,
  services: NodeServices,
): Promise<Facts> {
  const named = <Properties>(resources: readonly Resource<Properties>[]): Resource<Properties> | undefined =>
    resources.find(({ logicalId }) => logicalId === id);
  switch (kind) {
    case 'function':
      return functionFacts(named(template.resources(FunctionResource)), services);
    case 'table':
      return tableFacts(named(template.resources(TableResource)));
    case 'rule':
      return ruleFacts(named(template.resources(RuleResource)), services);
    case 'topic':
      return topicFacts(named(template.resources(TopicResource)), services);
    case 'archive':
      return archiveFacts(named(template.resources(ArchiveResource)), services);
    case 'queue':
      return queueFacts(
        services.sqs.queues.find(({ arn }) => services.architecture.nodeId(arn) === id),
        services,
      );
    case 'rest-api':
    case 'websocket-api':
      return { facts: [], tables: [routesOf(id, services), ...connectionsOf(kind, services)] };
    case 'bus':
      return { facts: [], tables: [rulesOf(id, services)] };
    default:
      return { facts: [], tables: [] };
  }
}

function fact(name: string, value: string | number | undefined): Facts['facts'] {
  return value === undefined ? [] : [{ name, value: String(value) }];
}

function table(title: string, columns: string[], rows: string[][]): TextTable {
  return { title, columns, rows: rows.slice(0, ROWS) };
}

function functionFacts(
  resource: Resource<z.infer<typeof FunctionResource.properties>> | undefined,
  { localize }: NodeServices,
): Facts {
  if (!resource) return { facts: [], tables: [] };
  const { Environment, Handler, MemorySize, ReservedConcurrentExecutions, Runtime, Timeout } =
    resource.properties;
  const localized = Object.entries(Environment.Variables).map(([name, value]) => [name, localize(value)]);
  return {
    facts: [
      ...fact('name', resource.name),
      ...fact('handler', Handler),
      ...fact('runtime', Runtime),
      ...fact('timeout', `${Timeout} s`),
      ...fact('memory', `${MemorySize} MB`),
      ...fact('reserved', ReservedConcurrentExecutions),
    ],
    tables: [table('Environment', ['name', 'value'], shownVariables(Object.fromEntries(localized)))],
  };
}

function tableFacts(resource: Resource<z.infer<typeof TableResource.properties>> | undefined): Facts {
  if (!resource) return { facts: [], tables: [] };
  const { GlobalSecondaryIndexes, KeySchema, TimeToLiveSpecification } = resource.properties;
  const key = (schema: typeof KeySchema) => schema.map(({ AttributeName }) => AttributeName).join(', ');
  return {
    facts: [
      ...fact('name', resource.name),
      ...fact('key', key(KeySchema)),
      ...GlobalSecondaryIndexes.flatMap((index) => fact(`index ${index.IndexName}`, key(index.KeySchema))),
      ...fact('expiry', TimeToLiveSpecification?.Enabled ? TimeToLiveSpecification.AttributeName : undefined),
    ],
    tables: [],
  };
}

function ruleFacts(
  resource: Resource<z.infer<typeof RuleResource.properties>> | undefined,
  { architecture }: NodeServices,
): Facts {
  if (!resource) return { facts: [], tables: [] };
  const { EventBusName, EventPattern, ScheduleExpression, State, Targets } = resource.properties;
  const rows = Targets.map(({ Arn, DeadLetterConfig, RetryPolicy }) => [
    architecture.label(Arn),
    String(RetryPolicy.MaximumRetryAttempts),
    DeadLetterConfig ? architecture.label(DeadLetterConfig.Arn) : 'none',
  ]);
  return {
    facts: [
      ...fact('name', resource.name),
      ...fact('bus', architecture.label(EventBusName)),
      ...fact('schedule', ScheduleExpression),
      ...fact('state', State.toLowerCase()),
    ],
    tables: [table('Targets', ['target', 'retries', 'dead letters'], rows)],
    pattern: EventPattern,
  };
}

async function topicFacts(resource: Resource<unknown> | undefined, { sns }: NodeServices): Promise<Facts> {
  if (!resource) return { facts: [], tables: [] };
  const listed = await sns.call('ListSubscriptionsByTopic', { TopicArn: resource.arn });
  const subscriptions = Subscribed.parse(listed).Subscriptions.slice(0, ROWS);
  const rows = subscriptions.map(async ({ Endpoint, SubscriptionArn }) => {
    if (!SubscriptionArn.startsWith('arn:')) return [Endpoint, 'not confirmed'];
    const { Attributes } = Filtered.parse(await sns.call('GetSubscriptionAttributes', { SubscriptionArn }));
    return [Endpoint, Attributes.FilterPolicy ?? 'every message'];
  });
  return {
    facts: fact('name', resource.name),
    tables: [table('Subscriptions', ['address', 'receives'], await Promise.all(rows))],
  };
}

async function archiveFacts(
  resource: Resource<unknown> | undefined,
  { eventBridge }: NodeServices,
): Promise<Facts> {
  if (!resource) return { facts: [], tables: [] };
  const described = await eventBridge.call('DescribeArchive', { ArchiveName: resource.name });
  const { EventCount, SizeBytes, State } = Archive.parse(described);
  return {
    facts: [
      ...fact('name', resource.name),
      ...fact('events', EventCount),
      ...fact('size', `${SizeBytes} bytes`),
      ...fact('state', State.toLowerCase()),
    ],
    tables: [],
  };
}

function queueFacts(queue: Queue | undefined, { redrive }: NodeServices): Facts {
  if (!queue) return { facts: [], tables: [] };
  const newest = queue.messages.slice(-ROWS).reverse();
  const rows = newest.map((message) => [
    new Date(message.sentAt).toISOString(),
    redrive.sourceOf(queue, message).cause,
  ]);
  return {
    facts: [
      ...fact('name', queue.name),
      ...fact('messages', queue.messages.length),
      ...fact('retention', `${queue.properties.MessageRetentionPeriod / 3600} h`),
    ],
    tables: [table('Messages', ['sent', 'cause'], rows)],
  };
}

function routesOf(id: string, { architecture }: NodeServices): TextTable {
  const rows = architecture.edges
    .filter(({ to, hop }) => to === id && isFromClient(hop))
    .map(({ hop }) => {
      const run = architecture.edges.find((edge) => edge.from === id && edge.hop.from === hop.to);
      return [hop.to, run ? architecture.label(run.to) : ''];
    });
  return table('Routes', ['request', 'function'], rows);
}

function connectionsOf(kind: ArchitectureNode['kind'], { webSocketApi }: NodeServices): TextTable[] {
  if (kind !== 'websocket-api') return [];
  const rows = (webSocketApi?.connections.list ?? []).map(({ connectionId, connectedAt, query }) => [
    connectionId,
    new Date(connectedAt).toISOString(),
    new URLSearchParams(query).toString(),
  ]);
  return [table('Connections', ['connection', 'since', 'connected with'], rows)];
}

function rulesOf(id: string, { architecture }: NodeServices): TextTable {
  const rules = architecture.edges.filter(({ from, hop }) => from === id && hop.operation === undefined);
  return table(
    'Rules and archives',
    ['name'],
    [...new Set(rules.map(({ to }) => architecture.label(to)))].map((name) => [name]),
  );
}
