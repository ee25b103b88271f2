import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { openSns, TopicArn } from './open-sns.ts';

const folder = temporaryFolder();

it('asks an address of the template to confirm, at the first start only', async () => {
  const properties = { TopicArn, Protocol: 'email', Endpoint: 'you@example.com' };
  const first = await openSns(folder);
  await first.sns.subscribeOnce(properties);
  expect(first.mailbox.mails.map(({ to }) => to)).toEqual(['you@example.com']);
  const listed = await first.sns.call('ListSubscriptionsByTopic', { TopicArn });
  expect(listed).toMatchObject({
    Subscriptions: [{ Endpoint: 'you@example.com', SubscriptionArn: 'PendingConfirmation' }],
  });
  await first.sns.subscribeOnce(properties);
  expect(first.mailbox.mails).toHaveLength(1);
});

it.each([
  [{ Protocol: 'sqs' }, 'only e-mail addresses are supported'],
  [{ FilterPolicy: {} }, 'FilterPolicy is not supported'],
])('does not start with a subscription with %j', (properties, message) => {
  const Subscription = {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn, Protocol: 'email', Endpoint: 'you@example.com', ...properties },
  };
  const assembly = writeAssembly(folder, { Resources: { Subscription } });
  expect(() => new Template(assembly, account, resourceTypes)).toThrow(message);
});
