import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../lambdas/runtime/environment.ts';
import { DetailType, eventSource } from '../model/events.ts';
import type { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerFunction } from './handler-function.ts';
import { targetDelivery } from './target-delivery.ts';
import type { WebSocketGateway } from './websocket-gateway.ts';

export interface PostUpdatesProps {
  /** With a stream. */
  readonly postsTable: BlogTable;
  readonly webSocketBus: EventBus;
  readonly webSocketGateway: WebSocketGateway;
}

/**
 * A change of a saved post that a reader can see becomes `BlogPostUpdated` on the WebSocket bus, and from there a
 * message to the connected clients; to many of them in parts, each by an event of its own. A client that connects to watch
 * a post is sent the state that it has.
 */
export class PostUpdates extends Construct {
  constructor(scope: Construct, id: string, props: PostUpdatesProps) {
    super(scope, id);

    // Takes the updates that can never be put on the bus, by post id and revision.
    const unpublishedUpdates = new DeadLetterQueue(
      this,
      'UnpublishedUpdates',
      'The change of a post cannot be published as the post is.',
    );
    const publishPostUpdates = new HandlerFunction(this, 'PublishPostUpdates', {
      handler: 'publish-post-updates',
      timeout: Duration.seconds(60),
      environment: {
        [Environment.webSocketBus]: props.webSocketBus.eventBusName,
        [Environment.unpublishedUpdatesQueue]: unpublishedUpdates.queueUrl,
      },
    });
    props.webSocketBus.grantPutEventsTo(publishPostUpdates);
    unpublishedUpdates.grant(publishPostUpdates, 'sqs:SendMessage');
    // DynamoDB Developer Guide, "IAM policy to allow an AWS Lambda function to access DynamoDB stream records".
    props.postsTable.grantStream(
      publishPostUpdates,
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    );
    publishPostUpdates.addEventSourceMapping('PostsStream', {
      eventSourceArn: props.postsTable.tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      // `updatedAt` is set by every change after creation. `entities`, a map, cannot be asked for: operators work on
      // leaves alone (EventBridge User Guide, "Comparison operators for use in event patterns in Amazon EventBridge").
      filters: [FilterCriteria.filter({ dynamodb: { NewImage: { updatedAt: { S: FilterRule.exists() } } } })],
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Meanwhile the shard waits: long enough for an outage of the bus, and within the 24 h a stream keeps.
      retryAttempts: 100,
      maxRecordAge: Duration.hours(6),
      onFailure: new DeadLetterQueue(
        this,
        'PostsStreamFailures',
        'publish-post-updates has not got through records of the stream of posts.',
      ),
    });

    const { webSocketBus } = props;
    const pushPostUpdate = this.#sender('PushPostUpdate', 'push-post-update', props);
    pushPostUpdate.addEnvironment(Environment.webSocketBus, webSocketBus.eventBusName);
    props.webSocketGateway.connectionsTable.grant(pushPostUpdate, 'dynamodb:Query');
    webSocketBus.grantPutEventsTo(pushPostUpdate);
    new Rule(this, 'Rule', {
      ruleName: 'BlogPostUpdate',
      eventBus: webSocketBus,
      eventPattern: { source: [eventSource], detailType: [DetailType.blogPostUpdated] },
      targets: [new LambdaFunction(pushPostUpdate, targetDelivery(this, 'PushPostUpdateUndelivered'))],
    });

    const pushToConnections = this.#sender('PushToConnections', 'push-to-connections', props);
    new Rule(this, 'ConnectionsToPushRule', {
      ruleName: 'ConnectionsToPush',
      eventBus: webSocketBus,
      eventPattern: { source: [eventSource], detailType: [DetailType.connectionsToPush] },
      targets: [new LambdaFunction(pushToConnections, targetDelivery(this, 'PushToConnectionsUndelivered'))],
    });

    const sendPostState = this.#sender('SendPostState', 'send-post-state', props);
    new Rule(this, 'ConnectionOpenedRule', {
      ruleName: 'ConnectionOpened',
      eventBus: webSocketBus,
      eventPattern: { source: [eventSource], detailType: [DetailType.connectionOpened] },
      targets: [new LambdaFunction(sendPostState, targetDelivery(this, 'SendPostStateUndelivered'))],
    });

    const { api, stageName } = props.webSocketGateway.stage;
    const apiId: { Ref: string } = Stack.of(this).resolve(api.apiId);
    Validations.of(this).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${apiId.Ref}>/${stageName}/POST/@connections/*]`,
      reason:
        'Every connection of this stage, whose ids are not known before they are made; no other method.',
    });
  }

  /** A function that reads a post, sends it to connections, and removes those that are gone. */
  #sender(id: string, handler: string, props: PostUpdatesProps): HandlerFunction {
    const { postsTable } = props;
    const { connectionsTable, stage } = props.webSocketGateway;
    const sender = new HandlerFunction(this, id, {
      handler,
      // 9 s for each of two reads at worst, then 73 s for the sends to 500 connections. Removing those that are gone comes
      // on top; what is not done by then, Lambda's next attempt finds again (lambdas/connections/post-sender.ts).
      timeout: Duration.seconds(120),
      environment: {
        [Environment.postsTable]: postsTable.tableName,
        [Environment.connectionsTable]: connectionsTable.tableName,
        // The SDK's own variable (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
        AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: stage.callbackUrl,
      },
      onFailure: new DeadLetterQueue(
        this,
        `${id}Failures`,
        `${handler} has failed for an event at each attempt.`,
      ),
    });
    postsTable.grant(sender, 'dynamodb:GetItem');
    connectionsTable.grant(sender, 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
    sender.addToRolePolicy(
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: [
          Stack.of(this).formatArn({
            service: 'execute-api',
            resource: stage.api.apiId,
            resourceName: `${stage.stageName}/POST/@connections/*`,
          }),
        ],
      }),
    );
    return sender;
  }
}
