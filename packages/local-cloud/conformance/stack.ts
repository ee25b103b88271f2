import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The tables under test, without their names. Two have the keys of tables of the blog. */
export const tables = {
  Posts: {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'outboxShard', AttributeType: 'S' },
      { AttributeName: 'outboxSince', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'outbox',
        KeySchema: [
          { AttributeName: 'outboxShard', KeyType: 'HASH' },
          { AttributeName: 'outboxSince', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
  Connections: {
    KeySchema: [
      { AttributeName: 'channel', KeyType: 'HASH' },
      { AttributeName: 'connectionId', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'channel', AttributeType: 'S' },
      { AttributeName: 'connectionId', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byConnection',
        KeySchema: [
          { AttributeName: 'connectionId', KeyType: 'HASH' },
          { AttributeName: 'channel', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
  Documents: {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'kind', AttributeType: 'S' },
      { AttributeName: 'rank', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byKind',
        KeySchema: [
          { AttributeName: 'kind', KeyType: 'HASH' },
          { AttributeName: 'rank', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
} satisfies Record<string, Omit<CreateTableCommandInput, 'TableName'>>;

/** The view type of the stream of each table. */
export const StreamViewType = 'NEW_AND_OLD_IMAGES';

/**
 * The queues, by their names. The dead-letter queue precedes the queue that moves each message to
 * it after one receive.
 */
export const queues: Record<string, object> = {
  work: { MessageRetentionPeriod: 3600, VisibilityTimeout: 20 },
  dead: {},
  redriven: {
    RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 1 },
  },
};
export const topicName = 'posts';
export const busName = 'blog';

/**
 * The resources of the stack. The two APIs are present only because the local cloud requires them.
 */
const resources = {
  ...Object.fromEntries(
    Object.entries(tables).map(([TableName, properties]) => [
      TableName,
      {
        Type: 'AWS::DynamoDB::Table',
        Properties: { TableName, ...properties, StreamSpecification: { StreamViewType } },
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(queues).map(([QueueName, properties]) => [
      QueueName,
      { Type: 'AWS::SQS::Queue', Properties: { QueueName, ...properties } },
    ]),
  ),
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: topicName } },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: busName } },
  RestApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'rest' } },
  Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: { Ref: 'RestApi' } } },
  RestStage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: 'prod',
      RestApiId: { Ref: 'RestApi' },
      DeploymentId: { Ref: 'Deployment' },
    },
  },
  WebSocketApi: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: 'websocket',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    },
  },
  WebSocketStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'WebSocketApi' }, StageName: 'prod', AutoDeploy: true },
  },
};

/** Writes the stack into `folder` as a cloud assembly, as `cdk synth` does. */
export async function writeAssembly(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const artifacts = {
    Conformance: { type: 'aws:cloudformation:stack', properties: { templateFile: 'template.json' } },
  };
  const files = {
    'manifest.json': { artifacts },
    'template.json': { Resources: resources },
    'Conformance.assets.json': { files: {} },
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
}
