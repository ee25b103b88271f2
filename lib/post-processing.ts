import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type EventBus, EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import { DetailType } from '../model/events.ts';
import { mailsPerMinute } from '../model/mail-budget.ts';
import { notification } from '../model/notification.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { EventConsumer } from './event-consumer.ts';
import { EventRule } from './event-rule.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import { targetDelivery } from './target-delivery.ts';

export interface PostProcessingProps {
  readonly postsTable: Table;
  readonly blogBus: EventBus;
  /** The URL of the web page, without a slash at the end. A stack without the page has no URL. */
  readonly pageUrl: string | undefined;
}

/**
 * The consumers of `BlogPostCreated`: the e-mail to the subscribers of the post's topic, and the
 * enrichment of the post with the people and places that it names. The two are independent of each
 * other.
 */
export class PostProcessing extends Construct {
  /**
   * Subscribe to it with the filter policy `{"topic": ["..."]}` and `FilterPolicyScope`
   * `MessageBody`.
   */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: PostProcessingProps) {
    super(scope, id);
    const { postsTable, blogBus } = props;

    // Not encrypted with KMS: EventBridge could then publish only with a customer managed key whose
    // policy allows it.
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    this.#watchMails();

    const rule = new EventRule(this, 'Rule', {
      eventBus: blogBus,
      ruleName: 'blogPostCreation',
      detailType: DetailType.blogPostCreated,
    });
    rule.addTarget(
      new SnsTopic(this.topic, {
        // Every variable stands alone, because EventBridge would not escape it inside a quoted
        // string. The ID in the URL of the page is a UUID, which has nothing to escape.
        message: RuleTargetInput.fromObject(
          notification(
            {
              summary: EventField.fromPath('$.detail.summary'),
              url: EventField.fromPath('$.detail.url'),
              post: {
                topic: EventField.fromPath('$.detail.post.topic'),
                title: EventField.fromPath('$.detail.post.title'),
                author: EventField.fromPath('$.detail.post.author'),
                id: EventField.fromPath('$.detail.post.id'),
                createdAt: EventField.fromPath('$.detail.post.createdAt'),
              },
            },
            props.pageUrl,
          ),
        ),
        ...targetDelivery(this, 'TopicUndelivered'),
      }),
    );

    const recognizeEntities = new EventConsumer(this, 'RecognizeEntities', {
      rule,
      handler: 'recognize-entities',
      // Time for 10 attempts, by which the SDK's adaptive retry paces the calls to Comprehend. A
      // reserved concurrency would fail the deploy in a new account, whose quota of 10 leaves none
      // to reserve.
      timeout: Duration.seconds(60),
      environment: { [POSTS_TABLE]: postsTable.tableName },
      onFailure: new DeadLetterQueue(
        this,
        'RecognizeEntitiesFailures',
        'recognize-entities has failed for a post at each attempt.',
      ),
    });
    postsTable.grant(recognizeEntities, 'dynamodb:UpdateItem');
    // The only resource of real-time DetectEntities is the endpoint of a custom model.
    recognizeEntities.addToRolePolicy(
      new PolicyStatement({ actions: ['comprehend:DetectEntities'], resources: ['*'] }),
    );
  }

  /**
   * Adds alarms for e-mails that SNS has given up on, and for so many that SNS can suspend
   * subscriptions. SNS has no metric of suspensions (SNS Developer Guide, "Monitoring Amazon SNS
   * topics using CloudWatch").
   */
  #watchMails(): void {
    const aMinute = { period: Duration.minutes(1), statistic: Stats.SUM };
    new RunbookAlarm(this, 'MailsFailed', {
      meaning: 'SNS has given up on e-mails to subscribers.',
      section: 'MailsFailed',
      metric: this.topic.metricNumberOfNotificationsFailed(aMinute),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    new RunbookAlarm(this, 'TooManyMails', {
      meaning: 'More posts than planned were mailed in a minute, so SNS may have suspended subscriptions.',
      section: 'TooManyMails',
      metric: this.topic.metricNumberOfMessagesPublished(aMinute),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: mailsPerMinute,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
