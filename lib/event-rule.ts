import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type DetailType, eventSource } from '../model/events.ts';

export interface EventRuleProps {
  readonly eventBus: IEventBus;
  /** The physical name of the rule, unique on its bus. */
  readonly ruleName: string;
  readonly detailType: (typeof DetailType)[keyof typeof DetailType];
}

/** A rule that matches every event of one detail type on a bus. */
export class EventRule extends Rule {
  constructor(scope: Construct, id: string, { eventBus, ruleName, detailType }: EventRuleProps) {
    super(scope, id, {
      eventBus,
      ruleName,
      eventPattern: { source: [eventSource], detailType: [detailType] },
    });
  }
}
