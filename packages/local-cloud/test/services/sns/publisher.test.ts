import { join } from 'node:path';
import { confirmationPage } from '../../../src/services/sns/pages.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { awsUrl, type LocalSns, openSns, summer, TopicArn } from './open-sns.ts';

const root = temporaryFolder();
let folder: string;
let runs = 0;
let local: LocalSns;

const reopen = async () => {
  local = await openSns(folder);
};

beforeEach(async () => {
  folder = join(root, String(runs++));
  await reopen();
});

describe('a published message', () => {
  test('reaches subscribers whose filter it matches, by body or by attributes', async () => {
    await local.subscribeAndConfirm('body@example.com', summer);
    await local.subscribeAndConfirm('attributes@example.com', { FilterPolicy: '{"topic":["summer"]}' });
    await local.subscribeAndConfirm('all@example.com');
    const MessageAttributes = { topic: { DataType: 'String', StringValue: 'summer' } };
    await local.publish('{"topic":"summer"}');
    expect(local.notifications().sort()).toEqual(['all@example.com', 'body@example.com']);
    await local.publish('not JSON', { MessageAttributes });
    expect(local.notifications().slice(2).sort()).toEqual(['all@example.com', 'attributes@example.com']);
  });

  test('is unchanged in the mail, under its subject', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    const message = `{"title":"\\"<b>😀</b>\\" \${x} <topic>"}`;
    await local.publish(message, { Subject: 'Hello, reader' });
    const mail = local.mailbox.mails.at(-1);
    expect(mail?.subject).toBe('Hello, reader');
    expect(mail?.text.startsWith(`${message}\n`)).toBe(true);
    expect(mail?.text).toContain(`${awsUrl}/unsubscribe.html?SubscriptionArn=`);
  });

  test.each([
    ['empty', { Message: '' }, 'Empty message'],
    ['missing', {}, 'Message Reason: no value for required parameter'],
    ['longer than 256 KB', { Message: 'é'.repeat(131_073) }, 'Message too long'],
    [
      'longer than 256 KB with its attributes',
      { Message: 'x'.repeat(262_140), MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } },
      'Message too long',
    ],
    [
      'for several protocols without a default',
      { Message: '{"email":"x"}', MessageStructure: 'json' },
      'Message Structure - No default entry in JSON message body',
    ],
    [
      'for several protocols with a default that is not text',
      { Message: '{"default":{}}', MessageStructure: 'json' },
      'Message Structure - No default entry in JSON message body',
    ],
    [
      'for several protocols without being JSON',
      { Message: '{"default', MessageStructure: 'json' },
      'Message Structure - JSON message body failed to parse',
    ],
    ['of another structure', { Message: '{}', MessageStructure: 'xml' }, 'MessageStructure'],
    ['under an empty subject', { Message: 'x', Subject: '' }, 'Subject'],
    ['under a subject of two lines', { Message: 'x', Subject: 'a\nb' }, 'Subject'],
    ['under a subject that is too long', { Message: 'x', Subject: 'a'.repeat(101) }, 'Subject'],
    [
      'deduplicated',
      { Message: 'x', MessageDeduplicationId: 'x' },
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    ],
    ['for a phone', { Message: 'x', PhoneNumber: '+15551234567' }, 'PhoneNumber Reason: not emulated'],
  ])('is refused if it is %s', async (_what, input, reason) => {
    await local.subscribeAndConfirm('joe@example.com');
    await expect(local.sns.call('Publish', { TopicArn, ...input })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: `Invalid parameter: ${reason}`,
    });
    expect(local.mailbox.mails).toHaveLength(1);
  });

  test('may name its topic as a target', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    await local.sns.call('Publish', { TargetArn: TopicArn, Message: 'x' });
    expect(local.notifications()).toEqual(['joe@example.com']);
  });

  test.each([
    [{}, 'TopicArn or TargetArn Reason: no value for required parameter'],
    [{ TargetArn: 'posts' }, 'TargetArn Reason: An ARN must have at least 6 elements, not 1'],
    [
      { TargetArn: 'arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1' },
      'TargetArn Reason: No endpoint found for the target arn specified',
    ],
  ])('is refused for the target %j', async (target, reason) => {
    await expect(local.sns.call('Publish', { Message: 'x', ...target })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: `Invalid parameter: ${reason}`,
    });
  });

  test('for several protocols has the text for e-mails, or else the default', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    const texts = [
      { default: 'all', email: 'mail' },
      { default: 'all', sqs: 'queue' },
    ];
    for (const text of texts) await local.publish(JSON.stringify(text), { MessageStructure: 'json' });
    const mails = local.mailbox.mails.slice(1).map(({ text }) => text.split('\n')[0]);
    expect(mails).toEqual(['mail', 'all']);
  });
});

describe('more than 10 messages in a second', () => {
  const burst = async (count: number) => {
    for (let sent = 0; sent < count; sent++) await local.publish('{"topic":"summer"}');
  };

  test('suspend a subscription until it is confirmed again, and an error is logged', async () => {
    const SubscriptionArn = await local.subscribeAndConfirm('joe@example.com', summer);
    await local.subscribeAndConfirm('mary@example.com', { ...summer, FilterPolicy: '{"topic":["winter"]}' });
    await burst(10);
    expect(local.log.errors).toEqual([]);
    local.clock.advance(999);
    await burst(2);
    expect(local.notifications()).toHaveLength(10);
    expect(local.log.errors).toEqual([
      expect.stringMatching(
        /^sns: SUSPENDED the subscription of joe@example\.com to posts: .* subscribe it again/,
      ),
    ]);
    const attributes = () => local.sns.call('GetSubscriptionAttributes', { SubscriptionArn });
    expect(await attributes()).toMatchObject({ Attributes: { PendingConfirmation: 'true' } });

    expect(await local.subscribe('joe@example.com', { Attributes: summer })).toEqual({
      SubscriptionArn: 'pending confirmation',
    });
    expect((await confirmationPage(local.sns, local.link('joe@example.com'))).status).toBe(200);
    expect(await attributes()).toMatchObject({ Attributes: { PendingConfirmation: 'false' } });
    local.clock.advance(1);
    await burst(1);
    expect(local.notifications()).toHaveLength(11);
  });

  test('have no effect if they waited while the local cloud was stopped', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    const resumed = (trace: string) => ({ trace, resumed: true }) as const;
    for (let sent = 0; sent < 11; sent++)
      await local.sns.call('Publish', { TopicArn, Message: 'x' }, resumed(String(sent)));
    const cause = { trace: 'a', members: new Map([['key', resumed('a')]]) };
    await local.sns.call('Publish', { TopicArn, Message: 'x' }, cause);
    await burst(10);
    expect(local.notifications()).toHaveLength(22);
    expect(local.log.errors).toEqual([]);
  });

  test('delete it two days later if nobody confirms', async () => {
    const SubscriptionArn = await local.subscribeAndConfirm('joe@example.com');
    await burst(11);
    await reopen();
    local.clock.advance(48 * 3600_000);
    await expect(local.sns.call('GetSubscriptionAttributes', { SubscriptionArn })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('have no effect if they are spread over more than one', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    for (let second = 0; second < 3; second++) {
      await burst(10);
      local.clock.advance(1000);
    }
    expect(local.notifications()).toHaveLength(30);
    expect(local.log.errors).toEqual([]);
  });
});
