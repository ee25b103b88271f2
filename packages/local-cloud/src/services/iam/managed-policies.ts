import type { PolicyDocument } from './policy-document.ts';

const writeLogs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** The actions that each policy allows on all resources. */
const allowed: Readonly<Record<string, string[]>> = {
  // The CDK attaches it to each function that is not given a role.
  'service-role/AWSLambdaBasicExecutionRole': writeLogs,
  'service-role/AWSLambdaDynamoDBExecutionRole': [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    ...writeLogs,
  ],
  'service-role/AWSLambdaRole': ['lambda:InvokeFunction'],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    ...writeLogs,
  ],
  'service-role/AWSLambdaVPCAccessExecutionRole': [
    ...writeLogs,
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  AWSXRayDaemonWriteAccess: [
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ],
};

/**
 * The managed policies that the role of a function can name, by ARN: those for execution roles.
 * Source: AWS Managed Policy Reference; AWS Lambda Developer Guide, "Working with AWS managed
 * policies in the execution role".
 */
export const managedPolicies: Readonly<Record<string, PolicyDocument>> = Object.fromEntries(
  Object.entries(allowed).map(([name, Action]) => [
    `arn:aws:iam::aws:policy/${name}`,
    { Statement: [{ Effect: 'Allow', Action, Resource: ['*'] }] },
  ]),
);
