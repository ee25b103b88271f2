import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic } from '../../lib/alarm-topic.ts';
import { MonthlyBudget } from '../../lib/monthly-budget.ts';

const topic = { Ref: Match.stringLikeRegexp('^AlarmTopic') };

function synthesize(email?: string, amount?: number): Template {
  const stack = new Stack(new App(), 'Stack');
  const alarmTopic = new AlarmTopic(stack, 'AlarmTopic', { email });
  if (amount !== undefined) new MonthlyBudget(stack, 'MonthlyBudget', { amount, topic: alarmTopic });
  return Template.fromStack(stack);
}

const admits = (service: string, source: unknown) =>
  Match.objectLike({
    Effect: 'Allow',
    Action: 'sns:Publish',
    Principal: { Service: service },
    Resource: topic,
    Condition: {
      ArnLike: { 'aws:SourceArn': source },
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    },
  });
const ofAccount = (...between: unknown[]) => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...between]],
});

it('admits the alarms of the account and nobody else, over TLS, and has no key', () => {
  const template = synthesize();
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        admits(
          'cloudwatch.amazonaws.com',
          ofAccount(':cloudwatch:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':alarm:*'),
        ),
      ],
    },
  });
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.absent() });
  template.resourceCountIs('AWS::SNS::Subscription', 0);
});

it('tells an address', () => {
  synthesize('you@example.com').hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'you@example.com',
    TopicArn: topic,
  });
});

it('is told at 80 % of the budget, and when the forecast exceeds it', () => {
  const template = synthesize(undefined, 20);
  const notification = (NotificationType: string, Threshold: number) => ({
    Notification: {
      NotificationType,
      Threshold,
      ThresholdType: 'PERCENTAGE',
      ComparisonOperator: 'GREATER_THAN',
    },
    Subscribers: [{ SubscriptionType: 'SNS', Address: topic }],
  });
  template.hasResource('AWS::Budgets::Budget', {
    Properties: {
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 20, Unit: 'USD' } },
      NotificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    },
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^AlarmTopicPolicy')]),
  });
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        admits('budgets.amazonaws.com', ofAccount(':budgets::', { Ref: 'AWS::AccountId' }, ':*')),
      ]),
    },
  });
});
