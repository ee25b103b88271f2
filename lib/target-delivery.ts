import { Duration } from 'aws-cdk-lib';
import type { TargetBaseProps } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';

/**
 * Makes EventBridge retry the delivery to a rule's target as long as it can (EventBridge User
 * Guide, "How EventBridge retries delivering events"), and then send the event to a dead-letter
 * queue of this target alone. One alarm watches the queues of all targets.
 */
export function targetDelivery(scope: Construct, queueId: string): TargetBaseProps {
  return {
    retryAttempts: 185,
    maxEventAge: Duration.hours(24),
    deadLetterQueue: new DeadLetterQueue(scope, queueId),
  };
}
