import type { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';
import { targetDelivery } from './target-delivery.ts';

export interface EventConsumerProps extends HandlerFunctionProps {
  /** The rule that the function becomes a target of. */
  readonly rule: Rule;
}

/**
 * A function that a rule invokes for each event it matches, with two dead-letter queues.
 * `<id>Failures` holds the events that the function failed on at each attempt, unless `onFailure`
 * names another queue. `<id>Undelivered` holds the events that EventBridge could not deliver to the
 * function.
 */
export class EventConsumer extends HandlerFunction {
  constructor(scope: Construct, id: string, { rule, ...props }: EventConsumerProps) {
    super(scope, id, {
      ...props,
      onFailure:
        props.onFailure ??
        new DeadLetterQueue(
          scope,
          `${id}Failures`,
          `${props.handler} has failed for an event at each attempt.`,
        ),
    });
    rule.addTarget(new LambdaFunction(this.live, targetDelivery(scope, `${id}Undelivered`)));
  }
}
