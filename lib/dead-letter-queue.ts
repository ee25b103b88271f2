import { Duration, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { DlqDestinationConfig, IEventSourceDlq, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { RunbookAlarm } from './runbook-alarm.ts';

/**
 * Keeps undelivered messages for 14 days, the maximum of SQS, encrypted by SQS and accessible only
 * over TLS. A rule's target, a function's asynchronous invocations and a function's event source
 * can send their failures to it; the latter two receive `sqs:SendMessage` and nothing else. An
 * alarm is in the `ALARM` state while the queue holds a message: its own, or `Undelivered` for all
 * queues without one.
 */
export class DeadLetterQueue extends Queue implements IEventSourceDlq {
  readonly alarm: RunbookAlarm | undefined;

  /**
   * @param id also the heading of the queue's section in the runbook
   * @param meaning one sentence: what has happened when the queue holds a message; without it, the
   * queue has no alarm of its own
   */
  constructor(scope: Construct, id: string, meaning?: string) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is where failed deliveries end; nothing consumes it that could fail in turn.',
    });
    if (meaning === undefined) return;
    this.alarm = new RunbookAlarm(this, 'Alarm', {
      meaning,
      section: id,
      metric: this.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      // SQS publishes no metrics for a queue that has not been used for 6 hours.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Lets a function send to the queue. The library calls it for `onFailure`. */
  bind(_: unknown, handler: IFunction): DlqDestinationConfig {
    this.grant(handler, 'sqs:SendMessage');
    return { destination: this.queueArn };
  }
}
