import { isNotEmulated, resourceTypes } from '../../src/cloud/resource-types.ts';
import { Template } from '../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../fixtures/assembly.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

/** Returns the values of `Ref` and of `Fn::GetAtt` for the attributes of a resource. */
function values(resource: object, attributes: string[]): string[] {
  const outputs = [
    ['Ref', { Value: { Ref: 'Resource' } }],
    ...attributes.map((name) => [name, { Value: { 'Fn::GetAtt': ['Resource', name] } }]),
  ];
  const template = { Resources: { Resource: resource }, Outputs: Object.fromEntries(outputs) };
  return Object.values(new Template(writeAssembly(folder, template), account, resourceTypes).outputs());
}

const key = { AttributeName: 'id', KeyType: 'HASH' };
const table = {
  KeySchema: [key],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
};
const trust = {
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
};
const { account: a, region } = { account: account.id, region: account.region };

it.each([
  [functionResource('act'), ['Arn'], ['act', `arn:aws:lambda:${region}:${a}:function:act`]],
  [
    { Type: 'AWS::DynamoDB::Table', Properties: table },
    ['Arn', 'StreamArn'],
    [
      'Stack-Resource',
      `arn:aws:dynamodb:${region}:${a}:table/Stack-Resource`,
      expect.stringMatching(/table\/Stack-Resource\/stream\/.+/),
    ],
  ],
  [
    { Type: 'AWS::Events::EventBus', Properties: { Name: 'blog' } },
    ['Arn', 'Name'],
    ['blog', `arn:aws:events:${region}:${a}:event-bus/blog`, 'blog'],
  ],
  [
    {
      Type: 'AWS::Events::Archive',
      Properties: { SourceArn: `arn:aws:events:${region}:${a}:event-bus/blog` },
    },
    ['Arn', 'ArchiveName'],
    ['Stack-Resource', `arn:aws:events:${region}:${a}:archive/Stack-Resource`, 'Stack-Resource'],
  ],
  [
    {
      Type: 'AWS::Events::Rule',
      Properties: { Name: 'r', EventBusName: 'blog', EventPattern: { source: ['blog'] } },
    },
    ['Arn'],
    ['r', `arn:aws:events:${region}:${a}:rule/blog/r`],
  ],
  [
    { Type: 'AWS::Events::Rule', Properties: { Name: 'r', EventPattern: { source: ['blog'] } } },
    ['Arn'],
    ['r', `arn:aws:events:${region}:${a}:rule/r`],
  ],
  [
    { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'posts' } },
    ['TopicArn', 'TopicName'],
    [`arn:aws:sns:${region}:${a}:posts`, `arn:aws:sns:${region}:${a}:posts`, 'posts'],
  ],
  [
    { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    ['Arn', 'QueueName'],
    [`https://sqs.${region}.amazonaws.com/${a}/dead`, `arn:aws:sqs:${region}:${a}:dead`, 'dead'],
  ],
  [
    { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
    ['Id'],
    Array(2).fill(
      expect.stringMatching(`^arn:aws:secretsmanager:${region}:${a}:secret:Stack-Resource-[a-z0-9]{6}$`),
    ),
  ],
  [
    { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api' } },
    ['RestApiId', 'RootResourceId'],
    [expect.stringMatching(/^[a-z0-9]{10}$/), expect.any(String), expect.any(String)],
  ],
  [
    { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
    ['Arn'],
    ['Stack-Resource', `arn:aws:iam::${a}:role/Stack-Resource`],
  ],
  [
    { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
    ['Arn'],
    ['Stack-Resource', `arn:aws:logs:${region}:${a}:log-group:Stack-Resource:*`],
  ],
  [
    { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'pages' } },
    ['Arn', 'RegionalDomainName'],
    ['pages', 'arn:aws:s3:::pages', `pages.s3.${region}.amazonaws.com`],
  ],
  [
    {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          DefaultCacheBehavior: {
            CachePolicyId: 'optimized',
            TargetOriginId: 'bucket',
            ViewerProtocolPolicy: 'redirect-to-https',
          },
          Enabled: true,
          Origins: [],
        },
      },
    },
    ['Arn', 'Id', 'DomainName'],
    [
      expect.stringMatching(/^E[A-Z0-9]{13}$/),
      expect.stringMatching(`^arn:aws:cloudfront::${a}:distribution/E[A-Z0-9]{13}$`),
      expect.stringMatching(/^E[A-Z0-9]{13}$/),
      expect.stringMatching(/^d[a-z0-9]{13}\.cloudfront\.net$/),
    ],
  ],
])('%j has the names that AWS gives it', (resource, attributes, expected) => {
  expect(values(resource, attributes)).toEqual(expected);
});

it('recognizes types without local behaviour', () => {
  expect(isNotEmulated('AWS::CloudWatch::Alarm')).toBe(true);
  expect(isNotEmulated('AWS::Logs::LogGroup')).toBe(true);
  expect(isNotEmulated('AWS::IAM::Role')).toBe(false);
  expect(isNotEmulated('AWS::SQS::Queue')).toBe(false);
  expect(isNotEmulated('AWS::Unknown::Type')).toBe(false);
});

it.each([
  [
    functionResource('act', { Runtime: 'python3.13' }),
    /Runtime "python3\.13": only Node\.js runtimes are supported/,
  ],
  [functionResource('act', { VpcConfig: {} }), /The property VpcConfig is not supported/],
  [
    { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['blog'] }, RoleArn: 'role' } },
    /Resource \(AWS::Events::Rule\)\n.*The property RoleArn is not supported/,
  ],
])('refuses %j', (resource, message) => {
  expect(() => values(resource, [])).toThrow(message);
});
