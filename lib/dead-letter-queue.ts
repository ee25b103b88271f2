import { Duration, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { DlqDestinationConfig, IEventSourceDlq, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * Keeps what could not be delivered, encrypted by SQS, reachable by TLS alone, for as long as SQS keeps anything
 * (14 days). It takes the failures of a rule's target, of a function's asynchronous invocations, and of a function's
 * event source; to the latter two it grants `sqs:SendMessage` and nothing else. An alarm is on while anything waits.
 */
export class DeadLetterQueue extends Queue implements IEventSourceDlq {
  /**
   * @param id names the queue's section in the runbook too
   * @param meaning one sentence: what has happened when something is in it
   */
  constructor(scope: Construct, id: string, meaning: string) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is where failed deliveries end; nothing consumes it that could fail in turn.',
    });
    new Alarm(this, 'Alarm', {
      alarmDescription: `${meaning} What to do: docs/runbook.md#${id.toLowerCase()}`,
      metric: this.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      // SQS measures nothing in a queue that nobody has used for 6 hours.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Called by `onFailure` of a function or of an event source mapping. */
  bind(_: unknown, handler: IFunction): DlqDestinationConfig {
    this.grant(handler, 'sqs:SendMessage');
    return { destination: this.queueArn };
  }
}
