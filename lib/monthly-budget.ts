import { Aws } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { AlarmTopic } from './alarm-topic.ts';

export interface MonthlyBudgetProps {
  /** In US dollars a month. */
  readonly amount: number;
  readonly topic: AlarmTopic;
}

/**
 * A budget of the costs of the whole account in a calendar month: costs of one stack can be told apart
 * only by tags that somebody has activated for billing. The topic receives a message at 80 % of the
 * budget, and when AWS forecasts more than the budget.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { amount, topic }: MonthlyBudgetProps) {
    super(scope, id);
    // AWS Cost Management User Guide, "Creating an Amazon SNS topic for budget notifications".
    topic.admit('budgets.amazonaws.com', `arn:${Aws.PARTITION}:budgets::${Aws.ACCOUNT_ID}:*`);
    const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
    });
    const budget = new CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
    });
    // The topic must admit AWS Budgets before the budget names it.
    budget.node.addDependency(topic);
  }
}
