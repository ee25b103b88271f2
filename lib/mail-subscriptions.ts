import { Duration, Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { BlogMetric } from '../lambdas/runtime/blog-metrics.ts';
import {
  FILTER_POLICY_QUOTA,
  REQUEST_LIMITS_KEY_ARN,
  REQUEST_LIMITS_TABLE,
  TOPIC_ARN,
} from '../lambdas/subscriptions/environment.ts';
import { blogMetric } from './blog-metric.ts';
import { BlogTable } from './blog-table.ts';
import { HandlerFunction } from './handler-function.ts';
import { RestResource } from './rest-resource.ts';
import { RunbookAlarm } from './runbook-alarm.ts';

/**
 * The quota of filter policies of a topic, and so of its subscriptions ("Filter policy constraints
 * in Amazon SNS"). Change it when AWS has raised the quota of the account.
 */
const filterPolicyQuota = 200;

export interface MailSubscriptionsProps {
  /** The API that the resource `/subscriptions` is added to. */
  readonly api: RestApi;
  /** The topic of the subscriptions. */
  readonly topic: Topic;
}

/**
 * `POST /subscriptions`: subscribes an address to the SNS topic, with a filter for the requested
 * topics of posts, within the limits for the address and for the sender. An alarm goes off at 80 %
 * of the quota of filter policies.
 */
export class MailSubscriptions extends Construct {
  constructor(scope: Construct, id: string, props: MailSubscriptionsProps) {
    super(scope, id);
    const { topic } = props;

    const requestLimitsTable = new BlogTable(this, 'RequestLimitsTable', {
      partitionKey: 'limit',
      timeToLiveAttribute: 'expiresAt',
      // The items describe who subscribes, and are worthless after 48 hours.
      backups: false,
      // A request makes at most four writes of one unit each, and at most fourteen while many
      // requests meet the same limits.
      maxReadRequestUnits: 100,
      maxWriteRequestUnits: 500,
    });

    Validations.of(requestLimitsTable).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'Backups would reveal for 35 days who has requested a subscription; the items last 48 hours.',
    });
    // Anybody could compute hashes without a key for all IP addresses and known e-mail addresses.
    const requestLimitsKey = new Secret(this, 'RequestLimitsKey', {
      description: 'The key of the hashes in the table of request limits',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    Validations.of(requestLimitsKey).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Nobody outside the function has the key. A new key resets all limits.',
    });

    const subscribeByMail = new HandlerFunction(this, 'SubscribeByMail', {
      handler: 'subscribe-by-mail',
      // API Gateway waits for 29 s.
      timeout: Duration.seconds(29),
      environment: {
        [TOPIC_ARN]: topic.topicArn,
        [REQUEST_LIMITS_TABLE]: requestLimitsTable.tableName,
        [REQUEST_LIMITS_KEY_ARN]: requestLimitsKey.secretArn,
        [FILTER_POLICY_QUOTA]: String(filterPolicyQuota),
      },
    });
    requestLimitsTable.grant(
      subscribeByMail,
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
      'dynamodb:DeleteItem',
    );
    Grant.addToPrincipal({
      grantee: subscribeByMail,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [requestLimitsKey.secretArn],
    });
    topic.grants.actions(subscribeByMail, ['sns:GetTopicAttributes', 'sns:Subscribe']);

    new RestResource(props.api.root, 'subscriptions', ['POST']).addFunction('POST', subscribeByMail);

    new RunbookAlarm(this, 'FilterPoliciesRunOut', {
      meaning: `The topic has used 80 % of its quota of ${filterPolicyQuota} filter policies.`,
      section: 'FilterPoliciesRunOut',
      metric: blogMetric(this, BlogMetric.filterPolicies, {
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: filterPolicyQuota * 0.8,
      // The policies are counted only when somebody subscribes.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }
}
