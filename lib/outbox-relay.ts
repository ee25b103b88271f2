import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { type EventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { BLOG_BUS } from '../lambdas/events/environment.ts';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import { outboxIndex } from '../model/outbox.ts';
import type { BlogTable } from './blog-table.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerFunction } from './handler-function.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import { targetDelivery } from './target-delivery.ts';

export interface OutboxRelayProps {
  /** The table that the index of the posts to announce is added to. */
  readonly postsTable: BlogTable;
  readonly blogBus: EventBus;
}

/**
 * Announces on the blog bus, every minute, the saved posts that `create-post` has not announced
 * within a minute. An alarm goes off if it does not run.
 */
export class OutboxRelay extends Construct {
  constructor(scope: Construct, id: string, props: OutboxRelayProps) {
    super(scope, id);
    const { postsTable, blogBus } = props;

    // One release can add one index to a deployed table (BlogTable).
    postsTable.addGlobalSecondaryIndex({
      indexName: outboxIndex,
      partitionKey: { name: 'outboxShard', type: AttributeType.STRING },
      sortKey: { name: 'outboxSince', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
      // No maximum for writes: an index that takes fewer than the table would throttle the table.
      maxReadRequestUnits: 1000,
    });

    // No retries: the next run announces all that is left, and two runs at the same time would
    // announce each post twice.
    const maxEventAge = Duration.minutes(1);
    const relayAnnouncements = new HandlerFunction(this, 'RelayAnnouncements', {
      handler: 'relay-announcements',
      // A run ends before the next one begins.
      timeout: Duration.seconds(50),
      environment: {
        [POSTS_TABLE]: postsTable.tableName,
        [BLOG_BUS]: blogBus.eventBusName,
      },
      onFailure: new DeadLetterQueue(
        this,
        'RelayAnnouncementsFailures',
        'A run of relay-announcements has failed; the next one tries again.',
      ),
      retryAttempts: 0,
      maxEventAge,
    });
    postsTable.grantOnIndex(relayAnnouncements, outboxIndex, 'dynamodb:Scan');
    postsTable.grant(relayAnnouncements, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    blogBus.grantPutEventsTo(relayAnnouncements);

    // A run that does not start is in no queue.
    new RunbookAlarm(this, 'RelayStopped', {
      meaning: 'relay-announcements should run every minute, but has not run for five minutes.',
      section: 'RelayStopped',
      metric: relayAnnouncements.live.metricInvocations({
        period: Duration.minutes(5),
        statistic: Stats.SUM,
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      treatMissingData: TreatMissingData.BREACHING,
      usersSuffer: true,
    });

    // On the default bus, the only one that takes schedules.
    new Rule(this, 'Rule', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(relayAnnouncements.live, {
          ...targetDelivery(this, 'RelayAnnouncementsUndelivered'),
          maxEventAge,
        }),
      ],
    });
  }
}
