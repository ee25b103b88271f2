import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type EventBus, EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Environment } from '../lambdas/runtime/environment.ts';
import { DetailType } from '../model/events.ts';
import { notification } from '../model/notification.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { EventConsumer } from './event-consumer.ts';
import { EventRule } from './event-rule.ts';
import { targetDelivery } from './target-delivery.ts';

export interface PostProcessingProps {
  readonly postsTable: Table;
  readonly blogBus: EventBus;
}

/**
 * What follows `BlogPostCreated`: an e-mail to the subscribers of the post's topic, and the enrichment of the post
 * with the people and places it names. Neither waits for the other or fails with it.
 */
export class PostProcessing extends Construct {
  /** Subscribe to it with the filter policy `{"topic": ["..."]}` and `FilterPolicyScope` `MessageBody`. */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: PostProcessingProps) {
    super(scope, id);
    const { postsTable, blogBus } = props;

    // Not encrypted by a key of KMS: EventBridge can publish only under a customer's key that admits it.
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });

    const rule = new EventRule(this, 'Rule', {
      eventBus: blogBus,
      ruleName: 'blogPostCreation',
      detailType: DetailType.blogPostCreated,
    });
    rule.addTarget(
      new SnsTopic(this.topic, {
        // Every variable stands alone: EventBridge does not escape one inside a quoted string.
        message: RuleTargetInput.fromObject(
          notification({
            summary: EventField.fromPath('$.detail.summary'),
            url: EventField.fromPath('$.detail.url'),
            post: {
              topic: EventField.fromPath('$.detail.post.topic'),
              title: EventField.fromPath('$.detail.post.title'),
              author: EventField.fromPath('$.detail.post.author'),
              id: EventField.fromPath('$.detail.post.id'),
              createdAt: EventField.fromPath('$.detail.post.createdAt'),
            },
          }),
        ),
        ...targetDelivery(this, 'TopicUndelivered'),
      }),
    );

    const recognizeEntities = new EventConsumer(this, 'RecognizeEntities', {
      rule,
      handler: 'recognize-entities',
      // What paces the calls to Comprehend is the SDK's adaptive retry, up to 10 attempts within this time. Not a
      // reserved concurrency: of a new account's quota of 10 none can be reserved, and the deploy would fail.
      timeout: Duration.seconds(60),
      environment: { [Environment.postsTable]: postsTable.tableName },
      onFailure: new DeadLetterQueue(
        this,
        'RecognizeEntitiesFailures',
        'recognize-entities has failed for a post at each attempt.',
      ),
    });
    postsTable.grant(recognizeEntities, 'dynamodb:UpdateItem');
    // Real-time DetectEntities knows no resource but a custom model's endpoint.
    recognizeEntities.addToRolePolicy(
      new PolicyStatement({ actions: ['comprehend:DetectEntities'], resources: ['*'] }),
    );
  }
}
