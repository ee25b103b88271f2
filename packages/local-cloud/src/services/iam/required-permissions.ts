import { validate } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Account } from '../../template/resource-type.ts';
import { placeOf } from '../dynamodb/streams-api.ts';
import { tableArn } from '../dynamodb/table-arn.ts';
import { archiveArn } from '../eventbridge/archive-resource.ts';
import { eventBusArn, eventBusName } from '../eventbridge/event-bus-arn.ts';
import { ruleArn } from '../eventbridge/event-resources.ts';
import { functionArn, functionName } from '../lambda/function-arn.ts';
import { arnOfSecretId } from '../secretsmanager/secret-resource.ts';
import { queueArn, queueName } from '../sqs/queue-arn.ts';

/** A permission that a policy has to allow. */
export interface Permission {
  /** E.g. `dynamodb:PutItem`. */
  action: string;
  /** An ARN, or `*` for an action that is about no single resource. */
  resource: string;
}

/** The account and the API of the resources that an input names. */
export interface Place extends Account {
  /** The ID and the stage of the WebSocket API, e.g. `a1b2c3d4e5/dev`. */
  webSocketStage: string | undefined;
}

/** Returns the resources that an operation's input names. */
type Resources = (input: unknown, place: Place) => string[];

function named<Input>(
  schema: z.ZodMiniType<Input>,
  resources: (input: Input, place: Place) => string[],
): Resources {
  return (input, place) => {
    const parsed = schema.safeParse(input);
    // The service refuses the call as malformed, so no resource is affected.
    return parsed.success ? resources(parsed.data, place) : [];
  };
}

const all: Resources = () => ['*'];

const tableOrIndex = named(
  z.object({ TableName: z.string(), IndexName: z.optional(z.string()) }),
  ({ TableName, IndexName }, place) => {
    const table = tableArn(TableName, place);
    return [IndexName === undefined ? table : `${table}/index/${IndexName}`];
  },
);

const tables = named(
  z.object({ RequestItems: z.record(z.string(), z.unknown()) }),
  ({ RequestItems }, place) => Object.keys(RequestItems).map((name) => tableArn(name, place)),
);

const stream = named(z.object({ StreamArn: z.string() }), ({ StreamArn }) => [StreamArn]);

const streamOfIterator = named(z.object({ ShardIterator: z.string() }), ({ ShardIterator }) => [
  placeOf(ShardIterator).streamArn,
]);

const lambdaFunction = named(z.object({ FunctionName: z.string() }), ({ FunctionName }, place) => [
  functionArn(functionName(FunctionName), place),
]);

const eventBuses = named(
  z.object({ Entries: z.array(z.object({ EventBusName: z._default(z.string(), 'default') })) }),
  ({ Entries }, place) =>
    Entries.map(({ EventBusName: bus }) => (validate(bus) ? bus : eventBusArn(bus, place))),
);

const archive = named(z.object({ ArchiveName: z.string() }), ({ ArchiveName }, place) => [
  archiveArn(ArchiveName, place),
]);

const createdArchive = named(
  z.object({ ArchiveName: z.string(), EventSourceArn: z.string() }),
  ({ ArchiveName, EventSourceArn }, place) => [archiveArn(ArchiveName, place), EventSourceArn],
);

const replayArn = (name: string, { id, region }: Place) => `arn:aws:events:${region}:${id}:replay/${name}`;

const replay = named(z.object({ ReplayName: z.string() }), ({ ReplayName }, place) => [
  replayArn(ReplayName, place),
]);

const startedReplay = named(
  z.object({
    ReplayName: z.string(),
    EventSourceArn: z.string(),
    Destination: z.object({ Arn: z.string() }),
  }),
  ({ ReplayName, EventSourceArn, Destination }, place) => [
    EventSourceArn,
    Destination.Arn,
    replayArn(ReplayName, place),
  ],
);

const rule = named(
  z.object({ Rule: z.string(), EventBusName: z._default(z.string(), 'default') }),
  ({ Rule, EventBusName }, place) => [ruleArn(Rule, eventBusName(EventBusName), place)],
);

const topic = named(z.object({ TopicArn: z.string() }), ({ TopicArn }) => [TopicArn]);

const publishedTopic = named(
  z.object({ TopicArn: z.optional(z.string()), TargetArn: z.optional(z.string()) }),
  ({ TopicArn, TargetArn }) => [TopicArn ?? TargetArn ?? []].flat(),
);

const topicOfSubscription = named(z.object({ SubscriptionArn: z.string() }), ({ SubscriptionArn }) => [
  SubscriptionArn.replace(/:[^:]*$/, ''),
]);

const queue = named(
  z.union([z.object({ QueueUrl: z.string() }), z.object({ QueueName: z.string() })]),
  (input, place) => [queueArn(queueName('QueueUrl' in input ? input.QueueUrl : input.QueueName), place)],
);

const secret = named(z.object({ SecretId: z.string() }), ({ SecretId }, place) => [
  arnOfSecretId(SecretId, place),
]);

const connection = (method: string) =>
  named(z.object({ ConnectionId: z.string() }), ({ ConnectionId }, { region, id, webSocketStage }) => [
    `arn:aws:execute-api:${region}:${id}:${webSocketStage}/${method}/@connections/${ConnectionId}`,
  ]);

/**
 * The operations of the local cloud.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for" each
 * service; for connections, API Gateway Developer Guide, "Control access to WebSocket APIs with IAM
 * authorization".
 */
const operations = new Map<string, Resources>([
  ['comprehend:DetectEntities', all],
  ['dynamodb:BatchGetItem', tables],
  ['dynamodb:BatchWriteItem', tables],
  ['dynamodb:DeleteItem', tableOrIndex],
  ['dynamodb:DescribeStream', stream],
  ['dynamodb:DescribeTable', tableOrIndex],
  ['dynamodb:GetItem', tableOrIndex],
  ['dynamodb:GetRecords', streamOfIterator],
  ['dynamodb:GetShardIterator', stream],
  ['dynamodb:ListStreams', all],
  ['dynamodb:ListTables', all],
  ['dynamodb:PutItem', tableOrIndex],
  ['dynamodb:Query', tableOrIndex],
  ['dynamodb:Scan', tableOrIndex],
  ['dynamodb:UpdateItem', tableOrIndex],
  ['events:CancelReplay', replay],
  ['events:CreateArchive', createdArchive],
  ['events:DeleteArchive', archive],
  ['events:DescribeArchive', archive],
  ['events:DescribeReplay', replay],
  ['events:ListArchives', all],
  ['events:ListReplays', all],
  ['events:ListRules', all],
  ['events:ListTargetsByRule', rule],
  ['events:PutEvents', eventBuses],
  ['events:StartReplay', startedReplay],
  ['events:TestEventPattern', all],
  ['events:UpdateArchive', archive],
  ['execute-api:DeleteConnection', connection('DELETE')],
  ['execute-api:GetConnection', connection('GET')],
  ['execute-api:PostToConnection', connection('POST')],
  ['lambda:Invoke', lambdaFunction],
  ['secretsmanager:GetSecretValue', secret],
  ['sns:ConfirmSubscription', topic],
  ['sns:GetSubscriptionAttributes', topicOfSubscription],
  ['sns:GetTopicAttributes', topic],
  ['sns:ListSubscriptions', all],
  ['sns:ListSubscriptionsByTopic', topic],
  ['sns:ListTopics', all],
  ['sns:Publish', publishedTopic],
  ['sns:Subscribe', topic],
  ['sns:Unsubscribe', topicOfSubscription],
  ['sqs:ChangeMessageVisibility', queue],
  ['sqs:ChangeMessageVisibilityBatch', queue],
  ['sqs:DeleteMessage', queue],
  ['sqs:DeleteMessageBatch', queue],
  ['sqs:GetQueueAttributes', queue],
  ['sqs:GetQueueUrl', queue],
  ['sqs:ListQueues', all],
  ['sqs:PurgeQueue', queue],
  ['sqs:ReceiveMessage', queue],
  ['sqs:SendMessage', queue],
  ['sqs:SendMessageBatch', queue],
]);

/**
 * Returns the permissions that a call of an AWS API requires. An operation that is not listed here
 * requires its permission on every resource.
 * @param service the prefix of its permissions, e.g. `dynamodb`; `execute-api` for the WebSocket
 * API's management API
 * @param operation the name in the API reference, e.g. `PutItem`
 * @param input the input of the service, not yet validated
 */
export function requiredPermissions(
  service: string,
  operation: string,
  input: unknown,
  place: Place,
): Permission[] {
  // "No permissions are required." Source: AWS STS API Reference, `GetCallerIdentity`.
  if (service === 'sts') return [];
  const resources = operations.get(`${service}:${operation}`) ?? all;
  const action = `${service}:${actionOf(service, operation)}`;
  return resources(input, place).map((resource) => ({ action, resource }));
}

/** Returns the known operations, and the action that each requires. */
export function knownOperations(): { service: string; operation: string; action: string }[] {
  return [...operations.keys()].map((name) => {
    const [service = '', operation = ''] = name.split(':');
    return { service, operation, action: `${service}:${actionOf(service, operation)}` };
  });
}

/** Returns the action that an operation requires: usually one of the same name. */
function actionOf(service: string, operation: string): string {
  if (service === 'execute-api') return 'ManageConnections';
  if (service === 'lambda') return 'InvokeFunction';
  // A batch requires the action of its messages.
  // Source: Amazon SQS Developer Guide, "Amazon SQS API permissions: Actions and resource
  // reference".
  return service === 'sqs' ? operation.replace(/Batch$/, '') : operation;
}
