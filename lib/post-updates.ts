import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { UNPUBLISHED_UPDATES_QUEUE, WEBSOCKET_BUS } from '../lambdas/events/environment.ts';
import { DetailType } from '../model/events.ts';
import { Revision } from '../model/post.ts';
import type { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { EventRule } from './event-rule.ts';
import { HandlerFunction } from './handler-function.ts';
import { PostSender } from './post-sender.ts';
import { targetDelivery } from './target-delivery.ts';
import type { WebSocketGateway } from './websocket-gateway.ts';

export interface PostUpdatesProps {
  /** Must have a stream. */
  readonly postsTable: BlogTable;
  readonly webSocketBus: EventBus;
  readonly webSocketGateway: WebSocketGateway;
}

/**
 * Publishes each new post as `BlogPostSaved` on the WebSocket bus, each change of it that readers
 * can see as `BlogPostUpdated`, and its removal as `BlogPostRemoved`, and sends these from there to
 * the connected clients; new posts to those that asked for them. Many clients are split into parts,
 * each with its own event. The clients for which a send failed also get an event. A client that
 * connects to watch a post receives its current state.
 */
export class PostUpdates extends Construct {
  constructor(scope: Construct, id: string, props: PostUpdatesProps) {
    super(scope, id);
    this.#publishChanges(props);
    this.#sendToClients(props);

    const { api, stageName } = props.webSocketGateway.stage;
    const apiId: { Ref: string } = Stack.of(this).resolve(api.apiId);
    for (const method of ['POST', 'DELETE'])
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${apiId.Ref}>/${stageName}/${method}/@connections/*]`,
        reason:
          'Every connection of this stage, whose ids are not known before they are made; no other method.',
      });
  }

  #publishChanges({ postsTable, webSocketBus }: PostUpdatesProps): void {
    // Receives the ID and revision of each update that can never be put on the bus.
    const unpublishedUpdates = new DeadLetterQueue(
      this,
      'UnpublishedUpdates',
      'The change of a post cannot be published as the post is.',
    );
    const publishPostUpdates = new HandlerFunction(this, 'PublishPostUpdates', {
      handler: 'publish-post-updates',
      timeout: Duration.seconds(60),
      environment: {
        [WEBSOCKET_BUS]: webSocketBus.eventBusName,
        [UNPUBLISHED_UPDATES_QUEUE]: unpublishedUpdates.queueUrl,
      },
    });
    webSocketBus.grantPutEventsTo(publishPostUpdates);
    unpublishedUpdates.grant(publishPostUpdates, 'sqs:SendMessage');
    // DynamoDB Developer Guide, "IAM policy to allow an AWS Lambda function to access DynamoDB
    // stream records".
    postsTable.grantStream(
      publishPostUpdates,
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    );
    // A child of the function, not of the alias: with another logical ID, an update of a deployed
    // stack would create a new mapping, which reads the stream from its start again.
    new EventSourceMapping(publishPostUpdates, 'PostsStream', {
      target: publishPostUpdates.live,
      eventSourceArn: postsTable.tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      // Every change after creation sets `updatedAt`, and so does the tombstone of a removed post. An
      // expired tombstone has no new image. A filter for `entities`, a map, would match nothing:
      // operators work on leaves only (EventBridge User Guide, "Comparison operators for use in event
      // patterns in Amazon EventBridge"). The removal of the outbox marker is a change, not an insert.
      filters: [
        FilterCriteria.filter({ dynamodb: { NewImage: { updatedAt: { S: FilterRule.exists() } } } }),
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { NewImage: { revision: { N: FilterRule.isEqual(String(Revision.created)) } } },
        }),
      ],
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // The shard waits during retries: long enough for an outage of the bus, and within the 24 h
      // that a stream keeps.
      retryAttempts: 100,
      maxRecordAge: Duration.hours(6),
      onFailure: new DeadLetterQueue(
        this,
        'PostsStreamFailures',
        'publish-post-updates has not got through records of the stream of posts.',
      ),
    });
  }

  #sendToClients({ postsTable, webSocketBus, webSocketGateway }: PostUpdatesProps): void {
    const pushPostUpdate = new PostSender(this, 'PushPostUpdate', {
      rule: new EventRule(this, 'Rule', {
        eventBus: webSocketBus,
        ruleName: 'BlogPostUpdate',
        detailType: DetailType.blogPostUpdated,
      }),
      handler: 'push-post-update',
      postsTable,
      webSocketGateway,
    });
    new EventRule(this, 'BlogPostRemovalRule', {
      eventBus: webSocketBus,
      ruleName: 'BlogPostRemoval',
      detailType: DetailType.blogPostRemoved,
    }).addTarget(new LambdaFunction(pushPostUpdate.live, targetDelivery(this, 'PushPostRemovalUndelivered')));
    new EventRule(this, 'BlogPostSaveRule', {
      eventBus: webSocketBus,
      ruleName: 'BlogPostSave',
      detailType: DetailType.blogPostSaved,
    }).addTarget(new LambdaFunction(pushPostUpdate.live, targetDelivery(this, 'PushPostSaveUndelivered')));
    pushPostUpdate.addEnvironment(WEBSOCKET_BUS, webSocketBus.eventBusName);
    webSocketGateway.connectionsTable.grant(pushPostUpdate, 'dynamodb:Query');
    webSocketBus.grantPutEventsTo(pushPostUpdate);

    const pushToConnections = new PostSender(this, 'PushToConnections', {
      rule: new EventRule(this, 'ConnectionsToPushRule', {
        eventBus: webSocketBus,
        ruleName: 'ConnectionsToPush',
        detailType: DetailType.connectionsToPush,
      }),
      handler: 'push-to-connections',
      postsTable,
      webSocketGateway,
    });
    pushToConnections.addEnvironment(WEBSOCKET_BUS, webSocketBus.eventBusName);
    webSocketBus.grantPutEventsTo(pushToConnections);
    pushToConnections.grantClose(webSocketGateway);

    new PostSender(this, 'SendPostState', {
      rule: new EventRule(this, 'ConnectionOpenedRule', {
        eventBus: webSocketBus,
        ruleName: 'ConnectionOpened',
        detailType: DetailType.connectionOpened,
      }),
      handler: 'send-post-state',
      postsTable,
      webSocketGateway,
    });
  }
}
