import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';
import { allProperties, properties, textOf } from './stage-template.ts';

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
    Dimensions: [{ Name: 'service', Value: 'Blog-dev' }],
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

it('stores the limits under hashes with a generated key, without backups', () => {
  const [secret, ...others] = allProperties('AWS::SecretsManager::Secret');
  expect(others).toEqual([]);
  expect(secret?.GenerateSecretString).toEqual({ PasswordLength: 64, ExcludePunctuation: true });
  const { Environment } = properties('AWS::Lambda::Function', 'MailSubscriptionsSubscribeByMail');
  expect(textOf(Environment.Variables.REQUEST_LIMITS_KEY_ARN)).toBe('<MailSubscriptionsRequestLimitsKey>');
  const table = properties('AWS::DynamoDB::Table', 'MailSubscriptionsRequestLimitsTable');
  expect(table).toMatchObject({
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

it('grants subscribe-by-mail exactly the permissions that it needs', () => {
  expect(permissionsOf('subscribe-by-mail')).toEqual([
    'dynamodb:DeleteItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:GetItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:PutItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'dynamodb:UpdateItem <MailSubscriptionsRequestLimitsTable.Arn>',
    'secretsmanager:GetSecretValue <MailSubscriptionsRequestLimitsKey>',
    'sns:GetTopicAttributes <PostProcessingTopic>',
    'sns:Subscribe <PostProcessingTopic>',
  ]);
});
