import { join } from 'node:path';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { type LocalSns, openSns, TopicArn } from './open-sns.ts';

const root = temporaryFolder();
let runs = 0;
let local: LocalSns;
beforeEach(async () => {
  local = await openSns(join(root, String(runs++)));
});

describe('a topic', () => {
  test.each([
    ['Publish', { Message: 'x' }],
    ['GetTopicAttributes', {}],
    ['ListSubscriptionsByTopic', {}],
  ])('is refused by %s if its ARN is malformed, of another Region, or unknown', async (operation, input) => {
    const call = (arn: string) => local.sns.call(operation, { TopicArn: arn, ...input });
    await expect(call('posts:1')).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2',
    });
    await expect(call(TopicArn.replace('us-east-1', 'eu-west-1'))).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: TopicArn',
    });
    await expect(call(`${TopicArn}-2`)).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
      message: 'Topic does not exist',
    });
  });

  test('is listed, and cannot be created by a call', async () => {
    expect(await local.sns.call('ListTopics', {})).toEqual({ Topics: [{ TopicArn }] });
    await expect(local.sns.call('CreateTopic', { Name: 'x' })).rejects.toMatchObject({
      code: 'InvalidAction',
    });
  });
});
