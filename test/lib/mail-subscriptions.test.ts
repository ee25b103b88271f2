import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';
import { allProperties, properties } from './stage-template.ts';

it('is POST /subscriptions, from pages of any origin too', () => {
  expectMethod('POST', '/subscriptions', 'PostApisubscriptionsPOST', 'MailSubscriptionsSubscribeByMail');
  expectPreflight('PostApisubscriptionsOPTIONS', 'POST');
});

it('has an alarm that is on from 80 % of the filter policies', () => {
  const [alarm, ...others] = allProperties('AWS::CloudWatch::Alarm').filter(
    ({ Namespace }) => Namespace === 'Blog',
  );
  expect(others).toEqual([]);
  expect(alarm).toMatchObject({
    MetricName: 'FilterPolicies',
    Dimensions: [
      { Name: 'TopicArn', Value: { Ref: expect.stringMatching(/^PostProcessingTopic[0-9A-F]{8}$/) } },
    ],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 160,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'ignore',
  });
  const { Environment } = properties('AWS::Lambda::Function', 'MailSubscriptionsSubscribeByMail');
  expect(Environment.Variables.FILTER_POLICY_QUOTA).toBe('200');
});

it('lets subscribe-by-mail do what it does, on that resource, and nothing else', () => {
  expect(permissionsOf('subscribe-by-mail')).toEqual([
    'dynamodb:DeleteItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:PutItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:UpdateItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'sns:GetTopicAttributes <PostProcessingTopic>',
    'sns:Subscribe <PostProcessingTopic>',
  ]);
});
