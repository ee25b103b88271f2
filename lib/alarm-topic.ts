import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmTopicProps {
  /** Receives the messages, after it has confirmed the subscription. */
  readonly email: string | undefined;
}

/**
 * The SNS topic that tells operators about alarms and costs. It requires TLS. It is not encrypted with
 * KMS: CloudWatch cannot use the key that AWS manages, only one with a charge and a policy that admits
 * CloudWatch (AWS Knowledge Center, "How do I configure a CloudWatch alarm to send notifications to an
 * encrypted SNS topic?").
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { email }: AlarmTopicProps) {
    super(scope, id, { enforceSSL: true });
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.admit('cloudwatch.amazonaws.com', alarms);
    if (email !== undefined) this.addSubscription(new EmailSubscription(email));
  }

  /**
   * Allows an AWS service to publish on behalf of resources of this account. The policy that requires
   * TLS replaces the default one of SNS, which admits the services of the account.
   * @param source the ARN of the resources, with wildcards
   */
  admit(service: string, source: string): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': source },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
  }

  /** Publishes a message when an alarm goes off, and when it is over. */
  tell(alarm: AlarmBase): void {
    alarm.addAlarmAction(new SnsAction(this));
    alarm.addOkAction(new SnsAction(this));
  }
}
