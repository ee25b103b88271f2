import { handlerNames } from '../../bin/bundle-handlers.ts';
import { allProperties, handlerFunctions, properties, textOf } from './stage-template.ts';

const functions = Object.entries(handlerFunctions());

it('runs each handler of lambdas/ by one function', () => {
  const run = functions.map(([, { Properties }]) => Properties.Handler);
  expect(run.sort()).toEqual(handlerNames().map((name) => `${name}.handler`));
});

describe('each function', () => {
  it.each(functions)('%s', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      Timeout: expect.any(Number),
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' },
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const logGroup = textOf(Properties.LoggingConfig.LogGroup).slice(1, -1);
    expect(properties('AWS::Logs::LogGroup', logGroup)).toEqual({ RetentionInDays: 30 });
  });

  const permissions = Object.fromEntries(
    functions.map(([, { Properties }]) => {
      const roleId = textOf(Properties.Role).slice(1, -'.Arn>'.length);
      const role = properties('AWS::IAM::Role', roleId);
      expect(Object.keys(role)).toEqual(['AssumeRolePolicyDocument']);
      const allowed = allProperties('AWS::IAM::Policy')
        .filter(({ Roles }) => Roles.some((role: unknown) => textOf(role) === `<${roleId}>`))
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .flatMap(({ Effect, Action, Resource }) =>
          [Action]
            .flat()
            .flatMap((action) =>
              [Resource].flat().map((resource) => `${Effect} ${action} ${textOf(resource)}`),
            ),
        );
      return [Properties.Handler, allowed.sort()];
    }),
  );

  const may = (logs: string, ...more: string[]) =>
    [
      `Allow logs:CreateLogStream <${logs}.Arn>`,
      `Allow logs:PutLogEvents <${logs}.Arn>`,
      'Allow xray:PutTelemetryRecords *',
      'Allow xray:PutTraceSegments *',
      ...more,
    ].sort();

  it('may do what its handler does, on that resource, and nothing else', () => {
    expect(permissions).toEqual({
      'create-post.handler': may(
        'PostApiCreatePostLogs',
        'Allow dynamodb:PutItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow events:PutEvents <BlogBus.Arn>',
      ),
      'get-post.handler': may('PostReadingGetPostLogs', 'Allow dynamodb:GetItem <PostsTable.Arn>'),
      'list-posts.handler': may(
        'PostReadingListPostsLogs',
        'Allow dynamodb:BatchGetItem <PostsTable.Arn>',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byAuthor',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byTime',
        'Allow dynamodb:Query <PostsTable.Arn>/index/byTopic',
      ),
      'relay-announcements.handler': may(
        'OutboxRelayRelayAnnouncementsLogs',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:Scan <PostsTable.Arn>/index/outbox',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow events:PutEvents <BlogBus.Arn>',
        'Allow sqs:SendMessage <OutboxRelayRelayAnnouncementsFailures.Arn>',
      ),
      'recognize-entities.handler': may(
        'PostProcessingRecognizeEntitiesLogs',
        'Allow comprehend:DetectEntities *',
        'Allow dynamodb:UpdateItem <PostsTable.Arn>',
        'Allow sqs:SendMessage <PostProcessingRecognizeEntitiesFailures.Arn>',
      ),
      'publish-post-updates.handler': may(
        'PostUpdatesPublishPostUpdatesLogs',
        'Allow dynamodb:DescribeStream <PostsTable.StreamArn>',
        'Allow dynamodb:GetRecords <PostsTable.StreamArn>',
        'Allow dynamodb:GetShardIterator <PostsTable.StreamArn>',
        'Allow dynamodb:ListStreams <PostsTable.StreamArn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
        'Allow sqs:SendMessage <PostUpdatesPostsStreamFailures.Arn>',
        'Allow sqs:SendMessage <PostUpdatesUnpublishedUpdates.Arn>',
      ),
      'push-post-update.handler': may(
        'PostUpdatesPushPostUpdateLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:Query <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesPushPostUpdateFailures.Arn>',
      ),
      'push-to-connections.handler': may(
        'PostUpdatesPushToConnectionsLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesPushToConnectionsFailures.Arn>',
      ),
      'send-post-state.handler': may(
        'PostUpdatesSendPostStateLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow execute-api:ManageConnections arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketGatewayApi>/dev/POST/@connections/*',
        'Allow sqs:SendMessage <PostUpdatesSendPostStateFailures.Arn>',
      ),
      'manage-connections.handler': may(
        'WebSocketGatewayManageConnectionsLogs',
        'Allow dynamodb:DeleteItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:GetItem <PostsTable.Arn>',
        'Allow dynamodb:GetItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:PutItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem <WebSocketGatewayConnectionsTable.Arn>',
        'Allow events:PutEvents <WebSocketBus.Arn>',
      ),
      'subscribe-by-mail.handler': may(
        'MailSubscriptionsSubscribeByMailLogs',
        'Allow dynamodb:DeleteItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow dynamodb:PutItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow dynamodb:UpdateItem <MailSubscriptionsRequestLimitsTable.Arn>',
        'Allow sns:GetTopicAttributes <PostProcessingTopic>',
        'Allow sns:Subscribe <PostProcessingTopic>',
      ),
    });
  });
});
