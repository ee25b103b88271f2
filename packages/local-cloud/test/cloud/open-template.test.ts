import { openTemplate } from '../../src/cloud/open-template.ts';
import { functionResource, writeAssembly } from '../fixtures/assembly.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const trust = {
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
};
const role = (properties: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust, ...properties },
});
const called = (properties: object = {}) =>
  functionResource('act', { Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, ...properties });
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

/** Returns what a template with these resources is refused for, without the links to the page. */
function refusals(Resources: object): string[] {
  try {
    openTemplate(writeAssembly(folder, { Resources }));
    return [];
  } catch (error) {
    const lines = String(error).split('\n').slice(2);
    return lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('See '));
  }
}

it.each([
  ['AWS::CloudFormation::CustomResource', 'Custom resources run only during a deployment.'],
  ['AWS::CloudFormation::Stack', 'Put the resources into the stack itself.'],
  ['AWS::DynamoDB::GlobalTable', 'Use the construct Table instead of TableV2.'],
  ['AWS::IAM::ManagedPolicy', 'Use a Policy, or addToRolePolicy.'],
  ['AWS::Lambda::Url', 'Call the function by the API operation Invoke or by a REST API.'],
  ['AWS::Scheduler::Schedule', 'Use a Rule with a schedule.'],
  ['AWS::StepFunctions::StateMachine', 'Invoke the functions by events.'],
  ['Custom::S3BucketNotifications', 'Buckets send no notifications.'],
  ['Custom::Seed', 'Custom resources run only during a deployment.'],
])('says what to do without %s', (Type, hint) => {
  expect(refusals({ R: { Type } })).toEqual([`R (${Type})`, `The resource type is not supported. ${hint}`]);
});

it.each(['AWS::EC2::VPC', 'AWS::KMS::Key', 'AWS::SSM::Parameter', 'AWS::SecretsManager::RotationSchedule'])(
  'does not support %s',
  (Type) => {
    expect(refusals({ R: { Type } })).toEqual([`R (${Type})`, 'The resource type is not supported.']);
  },
);

const mapping = { FunctionName: 'act', BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] };
const httpApi = { Name: 'api', ProtocolType: 'HTTP', CorsConfiguration: {} };

it.each([
  [
    'a queue as an event source',
    'AWS::Lambda::EventSourceMapping',
    { ...mapping, EventSourceArn: arn('sqs', 'jobs') },
    `EventSourceArn "${arn('sqs', 'jobs')}": only streams of DynamoDB tables are supported.`,
  ],
  ['an HTTP API', 'AWS::ApiGatewayV2::Api', httpApi, 'ProtocolType "HTTP": only "WEBSOCKET" is supported.'],
  ['a FIFO queue', 'AWS::SQS::Queue', { FifoQueue: true }, 'The property FifoQueue is not supported.'],
  ['a FIFO topic', 'AWS::SNS::Topic', { FifoTopic: true }, 'The property FifoTopic is not supported.'],
  [
    'a target of another service',
    'AWS::Events::Rule',
    { EventPattern: { source: ['a'] }, Targets: [{ Id: 'a', Arn: arn('states', 'stateMachine:m') }] },
    `Targets.0.Arn "${arn('states', 'stateMachine:m')}": only functions, topics and queues are supported.`,
  ],
  [
    'a function URL',
    'AWS::Lambda::Permission',
    { Action: 'lambda:InvokeFunctionUrl', FunctionName: 'act', Principal: '*' },
    'Principal "*": only AWS services are supported.',
  ],
  [
    'a managed policy for people',
    'AWS::IAM::Role',
    role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AWSLambda_FullAccess'] }).Properties,
    'ManagedPolicyArns.0 "arn:aws:iam::aws:policy/AWSLambda_FullAccess": this managed policy is not supported.',
  ],
])('does not support %s', (_name, Type, Properties, sentence) => {
  expect(refusals({ R: { Type, Properties } })).toEqual([`R (${Type})`, sentence]);
});

it.each([
  ['Python', { Runtime: 'python3.13' }, 'Runtime "python3.13": only Node.js runtimes are supported.'],
  ['a VPC', { VpcConfig: {} }, 'The property VpcConfig is not supported.'],
  ['layers', { Layers: ['arn'] }, 'The property Layers is not supported.'],
  [
    'an imported role',
    { Role: 'arn:aws:iam::1:role/r' },
    'Role: arn:aws:iam::1:role/r is not a role of the stack.',
  ],
  ['no code', { Code: {} }, 'Code: the code must be either an asset or inline.'],
  [
    'a container image',
    { Code: { ImageUri: 'i' } },
    'Code.ImageUri "i": container images are not supported.',
  ],
])('does not support a function with %s', (_name, properties, sentence) => {
  expect(refusals({ Role: role(), F: called(properties) })).toEqual(['F (AWS::Lambda::Function)', sentence]);
});

it('supports functions with inline code, the default role and the managed policies of execution roles', () => {
  const names = [
    'service-role/AWSLambdaBasicExecutionRole',
    'service-role/AWSLambdaDynamoDBExecutionRole',
    'service-role/AWSLambdaRole',
    'service-role/AWSLambdaSQSQueueExecutionRole',
    'service-role/AWSLambdaVPCAccessExecutionRole',
    'AWSXRayDaemonWriteAccess',
  ];
  const ManagedPolicyArns = names.map((name) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::aws:policy/${name}`]],
  }));
  expect(refusals({ Role: role({ ManagedPolicyArns }), F: called({ Code: { ZipFile: '' } }) })).toEqual([]);
});

it('skips what is part of something that is skipped, such as the methods below a path', () => {
  const RestApiId = { Ref: 'Api' };
  const method = (ResourceId: object) => ({
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId,
      ResourceId,
      HttpMethod: 'GET',
      AuthorizationType: 'NONE',
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: 'u' },
    },
  });
  const path = (ParentId: object, PathPart: string) => ({
    Type: 'AWS::ApiGateway::Resource',
    Properties: { RestApiId, ParentId, PathPart },
  });
  const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
  const Resources = {
    Below: method({ Ref: 'Deep' }),
    Deep: path({ Ref: 'Proxy' }, 'deep'),
    Proxy: path(root, '{proxy+}'),
    Beside: method(root),
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api' } },
    Role: role({ PermissionsBoundary: 'arn' }),
    F: called(),
  };
  expect(refusals(Resources)).toEqual([
    'Proxy (AWS::ApiGateway::Resource)',
    'PathPart "{proxy+}": greedy path variables are not supported.',
    'Role (AWS::IAM::Role)',
    'The property PermissionsBoundary is not supported.',
  ]);
  const template = openTemplate(writeAssembly(folder, { Resources }), true);
  expect([...template.countByType()]).toEqual([
    ['AWS::ApiGateway::Method', 1],
    ['AWS::ApiGateway::RestApi', 1],
  ]);
  expect(template.skipped.lines.sort()).toEqual([
    'Below (AWS::ApiGateway::Method): It depends on another resource that is skipped.',
    'Deep (AWS::ApiGateway::Resource): It depends on another resource that is skipped.',
    'F (AWS::Lambda::Function): It depends on another resource that is skipped.',
    expect.stringMatching(/^Proxy /),
    expect.stringMatching(/^Role /),
  ]);
});
