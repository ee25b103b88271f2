import { requiredPermissions } from '../../../src/services/iam/required-permissions.ts';
import { secretArn } from '../../../src/services/secretsmanager/secret-resource.ts';
import { account } from '../../fixtures/assembly.ts';

const place = { ...account, webSocketStage: 'abc/dev' };
const at = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const posts = at('dynamodb', 'table/posts');
const byTopic = at('dynamodb', 'table/posts/index/byTopic');
const url = 'http://127.0.0.1:4566/123456789012/dead';
const dead = at('sqs', 'dead');
const topic = at('sns', 'posts');
const key = secretArn('key', place);
const SubscriptionArn = `${topic}:0b1c`;

const postsStream = `${posts}/stream/2026-01-31T09:30:00.000`;
const ShardIterator = Buffer.from(`${postsStream} ${'1'.repeat(25)}`).toString('base64');
const act = at('lambda', 'function:act');

const cases: [string, string, object, string, string[]][] = [
  ['dynamodb', 'GetItem', { TableName: 'posts', Key: {} }, 'dynamodb:GetItem', [posts]],
  ['dynamodb', 'DescribeStream', { StreamArn: postsStream }, 'dynamodb:DescribeStream', [postsStream]],
  ['dynamodb', 'GetRecords', { ShardIterator }, 'dynamodb:GetRecords', [postsStream]],
  ['dynamodb', 'GetShardIterator', { StreamArn: postsStream }, 'dynamodb:GetShardIterator', [postsStream]],
  ['dynamodb', 'ListStreams', {}, 'dynamodb:ListStreams', ['*']],
  ['lambda', 'Invoke', { FunctionName: 'act' }, 'lambda:InvokeFunction', [act]],
  ['lambda', 'Invoke', { FunctionName: `${act}:$LATEST` }, 'lambda:InvokeFunction', [act]],
  ['dynamodb', 'PutItem', { TableName: 'posts' }, 'dynamodb:PutItem', [posts]],
  ['dynamodb', 'UpdateItem', { TableName: 'posts' }, 'dynamodb:UpdateItem', [posts]],
  ['dynamodb', 'DeleteItem', { TableName: 'posts' }, 'dynamodb:DeleteItem', [posts]],
  ['dynamodb', 'DescribeTable', { TableName: 'posts' }, 'dynamodb:DescribeTable', [posts]],
  ['dynamodb', 'Query', { TableName: 'posts' }, 'dynamodb:Query', [posts]],
  ['dynamodb', 'Query', { TableName: 'posts', IndexName: 'byTopic' }, 'dynamodb:Query', [byTopic]],
  ['dynamodb', 'Scan', { TableName: 'posts', IndexName: 'byTopic' }, 'dynamodb:Scan', [byTopic]],
  ['dynamodb', 'ListTables', {}, 'dynamodb:ListTables', ['*']],
  [
    'dynamodb',
    'BatchGetItem',
    { RequestItems: { posts: {}, other: {} } },
    'dynamodb:BatchGetItem',
    [posts, at('dynamodb', 'table/other')],
  ],
  ['dynamodb', 'BatchWriteItem', { RequestItems: { posts: [] } }, 'dynamodb:BatchWriteItem', [posts]],
  [
    'events',
    'PutEvents',
    { Entries: [{}, { EventBusName: 'blog' }, { EventBusName: at('events', 'event-bus/other') }] },
    'events:PutEvents',
    ['default', 'blog', 'other'].map((bus) => at('events', `event-bus/${bus}`)),
  ],
  [
    'events',
    'StartReplay',
    {
      ReplayName: 'again',
      EventSourceArn: at('events', 'archive/past'),
      Destination: { Arn: at('events', 'event-bus/blog') },
    },
    'events:StartReplay',
    ['archive/past', 'event-bus/blog', 'replay/again'].map((name) => at('events', name)),
  ],
  ['events', 'CancelReplay', { ReplayName: 'again' }, 'events:CancelReplay', [at('events', 'replay/again')]],
  [
    'events',
    'CreateArchive',
    { ArchiveName: 'past', EventSourceArn: at('events', 'event-bus/blog') },
    'events:CreateArchive',
    [at('events', 'archive/past'), at('events', 'event-bus/blog')],
  ],
  [
    'events',
    'DeleteArchive',
    { ArchiveName: 'past' },
    'events:DeleteArchive',
    [at('events', 'archive/past')],
  ],
  ['events', 'ListReplays', {}, 'events:ListReplays', ['*']],
  [
    'events',
    'ListTargetsByRule',
    { Rule: 'one', EventBusName: at('events', 'event-bus/blog') },
    'events:ListTargetsByRule',
    [at('events', 'rule/blog/one')],
  ],
  ['events', 'TestEventPattern', {}, 'events:TestEventPattern', ['*']],
  ['comprehend', 'DetectEntities', { Text: 'Joe' }, 'comprehend:DetectEntities', ['*']],
  ['sns', 'Publish', { TargetArn: topic, Message: 'x' }, 'sns:Publish', [topic]],
  ['sqs', 'SendMessage', { QueueUrl: url }, 'sqs:SendMessage', [dead]],
  ['sqs', 'SendMessageBatch', { QueueUrl: url }, 'sqs:SendMessage', [dead]],
  ['sqs', 'DeleteMessage', { QueueUrl: dead }, 'sqs:DeleteMessage', [dead]],
  ['sqs', 'DeleteMessageBatch', { QueueUrl: 'dead' }, 'sqs:DeleteMessage', [dead]],
  ['sqs', 'ChangeMessageVisibility', { QueueUrl: url }, 'sqs:ChangeMessageVisibility', [dead]],
  ['sqs', 'ChangeMessageVisibilityBatch', { QueueUrl: url }, 'sqs:ChangeMessageVisibility', [dead]],
  ['sqs', 'ReceiveMessage', { QueueUrl: url }, 'sqs:ReceiveMessage', [dead]],
  ['sqs', 'GetQueueAttributes', { QueueUrl: url }, 'sqs:GetQueueAttributes', [dead]],
  ['sqs', 'PurgeQueue', { QueueUrl: url }, 'sqs:PurgeQueue', [dead]],
  ['sqs', 'GetQueueUrl', { QueueName: 'dead' }, 'sqs:GetQueueUrl', [dead]],
  ['sqs', 'ListQueues', {}, 'sqs:ListQueues', ['*']],
  ['sns', 'Publish', { TopicArn: topic, Message: 'a' }, 'sns:Publish', [topic]],
  ['sns', 'Subscribe', { TopicArn: topic }, 'sns:Subscribe', [topic]],
  ['sns', 'ConfirmSubscription', { TopicArn: topic }, 'sns:ConfirmSubscription', [topic]],
  ['sns', 'ListSubscriptionsByTopic', { TopicArn: topic }, 'sns:ListSubscriptionsByTopic', [topic]],
  ['secretsmanager', 'GetSecretValue', { SecretId: 'key' }, 'secretsmanager:GetSecretValue', [key]],
  ['secretsmanager', 'GetSecretValue', { SecretId: key }, 'secretsmanager:GetSecretValue', [key]],
  ['sns', 'Unsubscribe', { SubscriptionArn }, 'sns:Unsubscribe', [topic]],
  ['sns', 'GetSubscriptionAttributes', { SubscriptionArn }, 'sns:GetSubscriptionAttributes', [topic]],
  ['sns', 'ListSubscriptions', {}, 'sns:ListSubscriptions', ['*']],
  ['sns', 'GetTopicAttributes', { TopicArn: topic }, 'sns:GetTopicAttributes', [topic]],
  ['sns', 'ListTopics', {}, 'sns:ListTopics', ['*']],
  ...[
    ['GetConnection', 'GET'],
    ['PostToConnection', 'POST'],
    ['DeleteConnection', 'DELETE'],
  ].map(([operation = '', method]): (typeof cases)[number] => [
    'execute-api',
    operation,
    { ConnectionId: 'X=' },
    'execute-api:ManageConnections',
    [at('execute-api', `abc/dev/${method}/@connections/X=`)],
  ]),
];

it.each(cases)('%s %s %j needs %s', (service, operation, input, action, resources) => {
  expect(requiredPermissions(service, operation, input, place)).toEqual(
    resources.map((resource) => ({ action, resource })),
  );
});

it('needs a permission on every resource for an unknown operation', () => {
  const permissions = requiredPermissions('dynamodb', 'DeleteTable', { TableName: 'posts' }, place);
  expect(permissions).toEqual([{ action: 'dynamodb:DeleteTable', resource: '*' }]);
});

it.each([undefined, null, {}, { TableName: 7 }, 'posts'])(
  'leaves the malformed input %j to the service',
  (input) => {
    expect(requiredPermissions('dynamodb', 'PutItem', input, place)).toEqual([]);
  },
);
