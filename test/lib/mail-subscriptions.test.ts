import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';
import { allProperties, properties } from './stage-template.ts';

it('is POST /subscriptions, with CORS for any origin', () => {
  expectMethod('POST', '/subscriptions', 'PostApisubscriptionsPOST', 'MailSubscriptionsSubscribeByMail');
  expectPreflight('PostApisubscriptionsOPTIONS', 'POST');
});

it('has an alarm that is on from 80 % of the filter policy quota', () => {
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

it('grants subscribe-by-mail exactly the permissions that it needs', () => {
  expect(permissionsOf('subscribe-by-mail')).toEqual([
    'dynamodb:DeleteItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:GetItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:PutItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:UpdateItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'sns:GetTopicAttributes <PostProcessingTopic>',
    'sns:Subscribe <PostProcessingTopic>',
  ]);
});
