import { permissionsOf } from './permissions.ts';
import { rulesOf } from './rules.ts';
import { allProperties, properties, textOf } from './stage-template.ts';

it('runs every minute, by a rule on the default bus', () => {
  expect(rulesOf('OutboxRelay')).toEqual([
    { schedule: 'rate(1 minute)', targets: ['<OutboxRelayRelayAnnouncementsLive>'] },
  ]);
});

it('does not retry a run that is late or fails, since the next run does the same', () => {
  const [target] = properties('AWS::Events::Rule', 'OutboxRelayRule').Targets;
  expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBe(60);
  const invocations = allProperties('AWS::Lambda::EventInvokeConfig').find(
    ({ FunctionName }) => textOf(FunctionName) === '<OutboxRelayRelayAnnouncements>',
  );
  expect(invocations).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

it('has an alarm that is on while it is not invoked', () => {
  const [alarm, ...others] = allProperties('AWS::CloudWatch::Alarm').filter(
    ({ Namespace, MetricName }) => Namespace === 'AWS/Lambda' && MetricName === 'Invocations',
  );
  expect(others).toEqual([]);
  expect(alarm).toMatchObject({
    MetricName: 'Invocations',
    Dimensions: [
      {
        Name: 'FunctionName',
        Value: { Ref: expect.stringMatching(/^OutboxRelayRelayAnnouncements[0-9A-F]{8}$/) },
      },
      { Name: 'Resource', Value: expect.anything() },
    ],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

it('grants relay-announcements exactly the permissions that it needs', () => {
  expect(permissionsOf('relay-announcements')).toEqual([
    'dynamodb:GetItem <PostsTable.Arn>',
    'dynamodb:Scan <PostsTable.Arn>/index/outbox',
    'dynamodb:UpdateItem <PostsTable.Arn>',
    'events:PutEvents <BlogBus.Arn>',
    'sqs:SendMessage <OutboxRelayRelayAnnouncementsFailures.Arn>',
  ]);
});
