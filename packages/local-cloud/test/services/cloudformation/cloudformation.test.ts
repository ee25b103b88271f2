import { CloudFormation } from '../../../src/services/cloudformation/cloudformation.ts';
import { account } from '../../fixtures/assembly.ts';

const cloudFormation = new CloudFormation({
  account,
  createdAt: Date.UTC(2026, 0, 31),
  localize: (value) => value.replace('https://sqs', 'http://localhost'),
  outputs: { ApiUrl: 'http://localhost:3000' },
  template: {
    stackName: 'Blog-dev',
    physicalResources: () => [
      { logicalId: 'Queue', type: 'AWS::SQS::Queue', physicalId: 'https://sqs/queue' },
      { logicalId: 'Table', type: 'AWS::DynamoDB::Table', physicalId: 'Blog-dev-Table' },
    ],
  },
});
const stackId = expect.stringMatching(
  /^arn:aws:cloudformation:eu-west-1:123456789012:stack\/Blog-dev\/[0-9a-f-]{36}$/,
);
const table = {
  LogicalResourceId: 'Table',
  PhysicalResourceId: 'Blog-dev-Table',
  ResourceType: 'AWS::DynamoDB::Table',
  ResourceStatus: 'CREATE_COMPLETE',
};

it.each([{}, { StackName: 'Blog-dev' }])(
  'describes the stack for %j, with the local outputs',
  async (input) => {
    expect(await cloudFormation.call('DescribeStacks', input)).toEqual({
      Stacks: [
        expect.objectContaining({
          StackId: stackId,
          StackName: 'Blog-dev',
          StackStatus: 'CREATE_COMPLETE',
          CreationTime: '2026-01-31T00:00:00.000Z',
          Outputs: [{ OutputKey: 'ApiUrl', OutputValue: 'http://localhost:3000' }],
        }),
      ],
    });
  },
);

it('lists the stack and its resources, with local URLs', async () => {
  expect(await cloudFormation.call('ListStacks', { StackStatusFilter: {} })).toMatchObject({
    StackSummaries: [{ StackId: stackId, StackName: 'Blog-dev' }],
  });
  const StackName = 'Blog-dev';
  expect(await cloudFormation.call('ListStackResources', { StackName })).toMatchObject({
    StackResourceSummaries: [{ PhysicalResourceId: 'http://localhost/queue' }, table],
  });
  expect(await cloudFormation.call('DescribeStackResources', { StackName })).toMatchObject({
    StackResources: [{ StackName }, { StackName, ...table }],
  });
  const one = { StackName, LogicalResourceId: 'Table' };
  expect(await cloudFormation.call('DescribeStackResource', one)).toMatchObject({
    StackResourceDetail: table,
  });
});

it.each([
  ['DescribeStacks', { StackName: 'nope' }, 'Stack with id nope does not exist'],
  ['ListStackResources', { StackName: 'nope' }, 'Stack with id nope does not exist'],
  ['DescribeStackResources', {}, 'StackName must be specified'],
  [
    'DescribeStackResource',
    { StackName: 'Blog-dev', LogicalResourceId: 'X' },
    'Resource X does not exist for stack Blog-dev',
  ],
])('refuses %s of %j', async (operation, input, message) => {
  await expect(cloudFormation.call(operation, input)).rejects.toMatchObject({
    code: 'ValidationError',
    status: 400,
    message,
  });
});

it('names an operation that is not emulated', async () => {
  await expect(cloudFormation.call('CreateStack', {})).rejects.toMatchObject({
    code: 'InvalidAction',
    message: 'The local cloud does not emulate CreateStack of cloudformation.',
  });
});
