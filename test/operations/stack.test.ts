import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { deployedStack } from '../../operations/stack.ts';

const outputs = {
  ApiUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/dev',
  PostsTableName: 'posts',
  PublishPostUpdatesFunctionName: 'publish',
  RecognizeEntitiesFunctionName: 'recognize',
  RelayAnnouncementsFunctionName: 'Relay',
  TopicUndeliveredUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/Blog-dev-TopicUndelivered',
};
const cloudFormation = mockClient(CloudFormationClient);
afterEach(() => cloudFormation.reset());

function answer(given: Record<string, string>): void {
  const Outputs = Object.entries(given).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  const stack = { StackName: 'Blog-dev', CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE' } as const;
  cloudFormation
    .on(DescribeStacksCommand, { StackName: 'Blog-dev' })
    .resolves({ Stacks: [{ ...stack, Outputs }] });
}

it('is read from the outputs of the deployed stack that the environment names', async () => {
  answer(outputs);
  expect(await deployedStack('Blog-dev')).toEqual({
    outputs,
    settings: {},
    queueUrls: new Map([['TopicUndelivered', outputs.TopicUndeliveredUrl]]),
  });
});

it('throws for the stack of another app', async () => {
  answer({ Url: 'https://example.com' });
  await expect(deployedStack('Blog-dev')).rejects.toThrow('does not have the outputs of this app');
});
