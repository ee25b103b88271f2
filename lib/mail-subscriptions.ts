import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Environment } from '../lambdas/runtime/environment.ts';
import { filterPoliciesMetric } from '../lambdas/subscriptions/filter-policies.ts';
import { BlogTable } from './blog-table.ts';
import { HandlerFunction } from './handler-function.ts';
import { RestResource } from './rest-resource.ts';
import { RunbookAlarm } from './runbook-alarm.ts';

/**
 * How many filter policies the topic may have, and so how many subscriptions ("Filter policy constraints in Amazon SNS").
 * When AWS has raised the quota of the account, this is the line to change.
 */
const filterPolicyQuota = 200;

export interface MailSubscriptionsProps {
  /** Gets the resource `/subscriptions`. */
  readonly api: RestApi;
  /** Gets the subscriptions. */
  readonly topic: Topic;
}

/**
 * `POST /subscriptions`: an address is subscribed to the topic, with a filter for the topics of posts that it wants, as
 * often as the limits for it and for its sender allow. An alarm is on while few subscriptions are left to be made.
 */
export class MailSubscriptions extends Construct {
  constructor(scope: Construct, id: string, props: MailSubscriptionsProps) {
    super(scope, id);
    const { topic } = props;

    const requestLimitsTable = new BlogTable(this, 'RequestLimitsTable', {
      partitionKey: 'limit',
      timeToLiveAttribute: 'expiresAt',
      // A request makes two writes of one unit each, and nine at most when many are for the same limits at once.
      maxReadRequestUnits: 100,
      maxWriteRequestUnits: 500,
    });

    const subscribeByMail = new HandlerFunction(this, 'SubscribeByMail', {
      handler: 'subscribe-by-mail',
      // API Gateway waits no longer.
      timeout: Duration.seconds(29),
      environment: {
        [Environment.topic]: topic.topicArn,
        [Environment.requestLimitsTable]: requestLimitsTable.tableName,
        [Environment.filterPolicyQuota]: String(filterPolicyQuota),
      },
    });
    requestLimitsTable.grant(
      subscribeByMail,
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    );
    topic.grants.actions(subscribeByMail, ['sns:GetTopicAttributes', 'sns:Subscribe']);

    new RestResource(props.api.root, 'subscriptions', ['POST']).addFunction('POST', subscribeByMail);

    const { dimension, ...metric } = filterPoliciesMetric;
    new RunbookAlarm(this, 'FilterPoliciesRunOut', {
      meaning: `The topic has 80 % of the ${filterPolicyQuota} filter policies that it may have.`,
      section: 'FilterPoliciesRunOut',
      metric: new Metric({
        ...metric,
        dimensionsMap: { [dimension]: topic.topicArn },
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: filterPolicyQuota * 0.8,
      // Counted when somebody subscribes, and no fewer because nobody does.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }
}
