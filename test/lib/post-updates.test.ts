import { permissionsOf } from './permissions.ts';
import { rulesOf } from './rules.ts';
import { allProperties, properties, textOf } from './stage-template.ts';

it('has a rule for each event of the WebSocket bus, with one function as its target', () => {
  const rule = (name: string, detailType: string, handler: string) => ({
    name,
    bus: '<WebSocketBus>',
    pattern: { source: ['blog'], 'detail-type': [detailType] },
    targets: [`<PostUpdates${handler}Live>`],
  });
  const rules = rulesOf('PostUpdates');
  expect(rules).toHaveLength(5);
  expect(rules).toEqual(
    expect.arrayContaining([
      rule('BlogPostSave', 'BlogPostSaved', 'PushPostUpdate'),
      rule('BlogPostUpdate', 'BlogPostUpdated', 'PushPostUpdate'),
      rule('BlogPostRemoval', 'BlogPostRemoved', 'PushPostUpdate'),
      rule('ConnectionsToPush', 'ConnectionsToPush', 'PushToConnections'),
      rule('ConnectionOpened', 'ConnectionOpened', 'SendPostState'),
    ]),
  );
});

it('sends new posts and the changes of the Posts table to publish-post-updates', () => {
  const [mapping, ...others] = allProperties('AWS::Lambda::EventSourceMapping');
  expect(others).toEqual([]);
  expect(mapping).toMatchObject({
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 100,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 100,
    MaximumRecordAgeInSeconds: 21_600,
    FilterCriteria: {
      Filters: [
        { Pattern: '{"dynamodb":{"NewImage":{"updatedAt":{"S":[{"exists":true}]}}}}' },
        { Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"revision":{"N":["1"]}}}}' },
      ],
    },
  });
  expect(textOf(mapping?.EventSourceArn)).toBe('<PostsTable.StreamArn>');
  expect(textOf(mapping?.FunctionName)).toBe('<PostUpdatesPublishPostUpdatesLive>[6]:live');
});

it.each(['PushPostUpdate', 'PushToConnections', 'SendPostState'])('%s sends by the WebSocket API', (name) => {
  const { Variables } = properties('AWS::Lambda::Function', `PostUpdates${name}`).Environment;
  expect(textOf(Variables.AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI)).toBe(
    'https://<WebSocketGatewayApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev',
  );
});

it('grants publish-post-updates exactly the permissions that it needs', () => {
  expect(permissionsOf('publish-post-updates')).toEqual([
    'dynamodb:DescribeStream <PostsTable.StreamArn>',
    'dynamodb:GetRecords <PostsTable.StreamArn>',
    'dynamodb:GetShardIterator <PostsTable.StreamArn>',
    'dynamodb:ListStreams <PostsTable.StreamArn>',
    'events:PutEvents <WebSocketBus.Arn>',
    'sqs:SendMessage <PostUpdatesPostsStreamFailures.Arn>',
    'sqs:SendMessage <PostUpdatesUnpublishedUpdates.Arn>',
  ]);
});

it('grants push-post-update exactly the permissions that it needs', () => {
  expect(permissionsOf('push-post-update')).toEqual([
    'dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:GetItem <PostsTable.Arn>',
    'dynamodb:Query <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
    'events:PutEvents <WebSocketBus.Arn>',
    'execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
    'sqs:SendMessage <PostUpdatesPushPostUpdateFailures.Arn>',
  ]);
});

it('grants push-to-connections exactly the permissions that it needs', () => {
  expect(permissionsOf('push-to-connections')).toEqual([
    'dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:GetItem <PostsTable.Arn>',
    'dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
    'events:PutEvents <WebSocketBus.Arn>',
    'execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/DELETE/@connections/*',
    'execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
    'sqs:SendMessage <PostUpdatesPushToConnectionsFailures.Arn>',
  ]);
});

it('grants send-post-state exactly the permissions that it needs', () => {
  expect(permissionsOf('send-post-state')).toEqual([
    'dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
    'dynamodb:GetItem <PostsTable.Arn>',
    'dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
    'execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
    'sqs:SendMessage <PostUpdatesSendPostStateFailures.Arn>',
  ]);
});
