import { allProperties, properties, resources, textOf } from './stage-template.ts';

const queues = Object.keys(resources('AWS::SQS::Queue'));
const targets = allProperties('AWS::Events::Rule').flatMap(({ Targets }) => Targets);
const invocations = allProperties('AWS::Lambda::EventInvokeConfig');
const undelivered = targets.map(({ DeadLetterConfig }) => textOf(DeadLetterConfig.Arn));

it('there is one for each asynchronous hop', () => {
  const failed = [...invocations, ...allProperties('AWS::Lambda::EventSourceMapping')].map(
    ({ DestinationConfig }) => textOf(DestinationConfig.OnFailure.Destination),
  );
  const failing = [...new Set(failed)];
  // Receives the updates that can never be published.
  const unpublished = '<PostUpdatesUnpublishedUpdates.Arn>';
  expect([...undelivered, ...failing, unpublished].sort()).toEqual(
    queues.map((queue) => `<${queue}.Arn>`).sort(),
  );
});

it('each alias that a rule invokes has one for its failures, as does its function', () => {
  // Two rules invoke one of them.
  const invoked = new Set(targets.flatMap(({ Arn }) => textOf(Arn).match(/^<(.*)Live>$/)?.[1] ?? []));
  for (const name of invoked) {
    const settings = invocations.filter(({ FunctionName }) => textOf(FunctionName) === `<${name}>`);
    expect(settings.map(({ Qualifier }) => textOf(Qualifier)).sort()).toEqual([
      `$LATEST`,
      `<${name}Live>[7]`,
    ]);
    const isEveryMinute = name === 'OutboxRelayRelayAnnouncements';
    for (const config of settings)
      expect(config).toMatchObject({
        ...(isEveryMinute
          ? { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }
          : { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 }),
        DestinationConfig: settings[0]?.DestinationConfig,
      });
  }
  expect(invocations).toHaveLength(2 * invoked.size);
});

describe.each(queues)('%s', (queue) => {
  const statements = allProperties('AWS::SQS::QueuePolicy')
    .filter(({ Queues }) => Queues.some((each: unknown) => textOf(each) === `<${queue}>`))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

  it('is encrypted, requires TLS, and keeps messages for 14 days', () => {
    expect(properties('AWS::SQS::Queue', queue)).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('admits EventBridge only if it belongs to a target', () => {
    const admitting = statements.filter(({ Principal }) => Principal.Service === 'events.amazonaws.com');
    const statement = expect.objectContaining({ Effect: 'Allow', Action: 'sqs:SendMessage' });
    expect(admitting).toEqual(undelivered.includes(`<${queue}.Arn>`) ? [statement] : []);
  });

  it('has an alarm that is on while the queue holds messages', () => {
    // The queues of targets share the alarm Undelivered (service-alarms.test.ts).
    if (undelivered.includes(`<${queue}.Arn>`)) return;
    const watching = allProperties('AWS::CloudWatch::Alarm').filter(
      ({ Dimensions }) => Dimensions && textOf(Dimensions[0].Value) === `<${queue}.QueueName>`,
    );
    expect(watching).toEqual([
      {
        AlarmDescription: expect.any(String),
        AlarmActions: expect.anything(),
        OKActions: expect.anything(),
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: expect.anything() }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      },
    ]);
    const [, section = ''] = watching[0]?.AlarmDescription.split('#') ?? [];
    expect(section).not.toBe('');
    expect(queue.toLowerCase().endsWith(section)).toBe(true);
  });
});
