import { permissionsOf } from './permissions.ts';
import { rulesOf } from './rules.ts';
import { properties } from './stage-template.ts';

it('has a rule for new posts on the blog bus, with the topic and recognize-entities as its targets', () => {
  expect(rulesOf('PostProcessing')).toEqual([
    {
      name: 'blogPostCreation',
      bus: '<BlogBus>',
      pattern: { source: ['blog'], 'detail-type': ['BlogPostCreated'] },
      targets: ['<PostProcessingTopic>', '<PostProcessingRecognizeEntities.Arn>'],
    },
  ]);
});

it('builds the mail from standalone variables only, starting with the sentence', () => {
  const [mailing] = properties('AWS::Events::Rule', 'PostProcessingRule').Targets;
  const { InputTemplate, InputPathsMap } = mailing.InputTransformer;
  const mail = JSON.parse(
    InputTemplate.replaceAll(/<([^>]*)>/g, (_: string, name: string) =>
      JSON.stringify({ path: InputPathsMap[name] }),
    ),
  );
  expect(Object.entries(mail)).toEqual([
    ['message', { path: '$.detail.summary' }],
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

it('grants recognize-entities exactly the permissions that it needs', () => {
  expect(permissionsOf('recognize-entities')).toEqual([
    'comprehend:DetectEntities *',
    'dynamodb:UpdateItem <PostsTable.Arn>',
    'sqs:SendMessage <PostProcessingRecognizeEntitiesFailures.Arn>',
  ]);
});
