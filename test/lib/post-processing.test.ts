import { permissionsOf } from './permissions.ts';
import { rulesOf } from './rules.ts';
import { allProperties, properties, textOf } from './stage-template.ts';

it('has a rule for new posts on the blog bus, with the topic and recognize-entities as its targets', () => {
  expect(rulesOf('PostProcessing')).toEqual([
    {
      name: 'blogPostCreation',
      bus: '<BlogBus>',
      pattern: { source: ['blog'], 'detail-type': ['BlogPostCreated'] },
      targets: ['<PostProcessingTopic>', '<PostProcessingRecognizeEntitiesLive>'],
    },
  ]);
});

it('builds the mail from standalone variables and a UUID, starting with the sentence and the page', () => {
  const [mailing] = properties('AWS::Events::Rule', 'PostProcessingRule').Targets;
  const { InputTemplate, InputPathsMap } = mailing.InputTransformer;
  const mail = JSON.parse(
    textOf(InputTemplate).replaceAll(/(?<=:)<([^>]*)>(?=[,}])/g, (_: string, name: string) =>
      JSON.stringify({ path: InputPathsMap[name] }),
    ),
  );
  const [id] = Object.entries(InputPathsMap).find(([, path]) => path === '$.detail.post.id') ?? [];
  expect(Object.entries(mail)).toEqual([
    ['message', { path: '$.detail.summary' }],
    ['page', `https://<WebPageDistribution.DomainName>/p/<${id}>`],
    ['url', { path: '$.detail.url' }],
    ['topic', { path: '$.detail.post.topic' }],
    ['title', { path: '$.detail.post.title' }],
    ['author', { path: '$.detail.post.author' }],
    ['id', { path: '$.detail.post.id' }],
    ['createdAt', { path: '$.detail.post.createdAt' }],
  ]);
});

it('lets EventBridge publish to the topic, which requires TLS and has no key', () => {
  expect(properties('AWS::SNS::Topic', 'PostProcessingTopic')).toBeUndefined();
  expect(properties('AWS::SNS::TopicPolicy', 'PostProcessingTopicPolicy').PolicyDocument.Statement).toEqual([
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    {
      Sid: expect.any(String),
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: expect.anything(),
    },
  ]);
});

it('has an alarm for e-mails that SNS gives up, and one for more e-mails in a minute than planned', () => {
  const alarms = allProperties('AWS::CloudWatch::Alarm').filter(({ Namespace }) => Namespace === 'AWS/SNS');
  const ofTopic = {
    Dimensions: [{ Name: 'TopicName', Value: { 'Fn::GetAtt': [expect.any(String), 'TopicName'] } }],
    Statistic: 'Sum',
    Period: 60,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  };
  expect(alarms).toEqual([
    expect.objectContaining({ ...ofTopic, MetricName: 'NumberOfNotificationsFailed', Threshold: 0 }),
    expect.objectContaining({ ...ofTopic, MetricName: 'NumberOfMessagesPublished', Threshold: 303 }),
  ]);
});

it('grants recognize-entities exactly the permissions that it needs', () => {
  expect(permissionsOf('recognize-entities')).toEqual([
    'comprehend:DetectEntities *',
    'dynamodb:UpdateItem <PostsTable.Arn>',
    'sqs:SendMessage <PostProcessingRecognizeEntitiesFailures.Arn>',
  ]);
});
