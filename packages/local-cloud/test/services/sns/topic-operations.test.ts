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
    ['ConfirmSubscription', { Token: 'x' }],
  ])('that is not an ARN does not exist for %s', async (operation, input) => {
    await expect(local.sns.call(operation, { TopicArn: 'posts', ...input })).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    });
  });

  test('is listed, and cannot be created by a call', async () => {
    expect(await local.sns.call('ListTopics', {})).toEqual({ Topics: [{ TopicArn }] });
    await expect(local.sns.call('CreateTopic', { Name: 'x' })).rejects.toMatchObject({
      code: 'InvalidAction',
    });
  });
});
