import { Duration, Validations } from 'aws-cdk-lib';
import type { DlqDestinationConfig, IEventSourceDlq, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * Keeps what could not be delivered, encrypted by SQS, reachable by TLS alone, for as long as SQS keeps anything
 * (14 days). It takes the failures of a rule's target, of a function's asynchronous invocations, and of a function's
 * event source; to the latter two it grants `sqs:SendMessage` and nothing else.
 */
export class DeadLetterQueue extends Queue implements IEventSourceDlq {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is where failed deliveries end; nothing consumes it that could fail in turn.',
    });
  }

  /** Called by `onFailure` of a function or of an event source mapping. */
  bind(_: unknown, handler: IFunction): DlqDestinationConfig {
    this.grant(handler, 'sqs:SendMessage');
    return { destination: this.queueArn };
  }
}
