import { join } from 'node:path';
import { confirmationPage, unsubscribePage } from '../../../src/services/sns/pages.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { type LocalSns, openSns, summer, TopicArn } from './open-sns.ts';

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

describe('a subscription', () => {
  test('waits for its address to confirm it', async () => {
    expect(await local.subscribe('joe@example.com')).toEqual({ SubscriptionArn: 'pending confirmation' });
    expect(local.mailbox.mails).toMatchObject([
      { to: 'joe@example.com', subject: 'AWS Notification - Subscription Confirmation' },
    ]);
    await local.publish('unseen');
    expect(local.notifications()).toEqual([]);
    expect(await local.sns.call('ListSubscriptionsByTopic', { TopicArn })).toEqual({
      Subscriptions: [
        {
          SubscriptionArn: 'PendingConfirmation',
          Owner: '123456789012',
          Protocol: 'email',
          Endpoint: 'joe@example.com',
          TopicArn,
        },
      ],
    });
    const { status, body } = await confirmationPage(local.sns, local.link('joe@example.com'));
    expect([status, body]).toEqual([200, expect.stringContaining('Subscription confirmed')]);
    await local.publish('seen');
    expect(local.notifications()).toEqual(['joe@example.com']);
  });

  test('that is pending is mailed again with the same token after the same call', async () => {
    await local.subscribe('joe@example.com', { Attributes: summer });
    const first = local.link('joe@example.com');
    await local.subscribe('joe@example.com', { Attributes: summer, ReturnSubscriptionArn: 'true' });
    expect(local.mailbox.mails).toHaveLength(2);
    expect(`${local.link('joe@example.com')}`).toBe(`${first}`);
  });

  test('is removed if it is not confirmed within two days of the last request', async () => {
    await local.subscribe('joe@example.com');
    local.clock.advance(24 * 3600_000);
    await local.subscribe('joe@example.com');
    local.clock.advance(48 * 3600_000 - 1);
    expect(await local.sns.call('ListSubscriptions', {})).toMatchObject({ Subscriptions: [{}] });
    local.clock.advance(1);
    expect(await local.sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
    expect((await confirmationPage(local.sns, local.link('joe@example.com'))).status).toBe(400);
    await local.publish('unseen');
    expect(local.notifications()).toEqual([]);
  });

  test('that is confirmed stays', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    local.clock.advance(365 * 24 * 3600_000);
    await local.publish('seen');
    expect(local.notifications()).toEqual(['joe@example.com']);
  });

  test('can have a filter policy up to 200 times per topic', async () => {
    for (let count = 0; count < 200; count++) {
      await local.subscribe(`reader-${count}@example.com`, { Attributes: summer });
    }
    await expect(local.subscribe('joe@example.com', { Attributes: summer })).rejects.toMatchObject({
      code: 'FilterPolicyLimitExceeded',
      status: 403,
    });
    await local.subscribe('joe@example.com');
    await local.subscribe('reader-1@example.com', { Attributes: summer });
  });

  test('is counted in the attributes of its topic', async () => {
    await local.subscribeAndConfirm('joe@example.com', summer);
    const SubscriptionArn = await local.subscribeAndConfirm('jim@example.com');
    await local.subscribe('mary@example.com');
    const count = (SubscriptionsConfirmed: string, SubscriptionsPending: string) => ({
      Attributes: {
        TopicArn,
        Owner: '123456789012',
        DisplayName: '',
        SubscriptionsConfirmed,
        SubscriptionsPending,
      },
    });
    expect(await local.sns.call('GetTopicAttributes', { TopicArn })).toEqual(count('2', '1'));
    await local.sns.call('Unsubscribe', { SubscriptionArn });
    local.clock.advance(48 * 3600_000);
    expect(await local.sns.call('GetTopicAttributes', { TopicArn })).toEqual(count('1', '0'));
    await expect(local.sns.call('GetTopicAttributes', { TopicArn: `${TopicArn}-2` })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('is unique for its address', async () => {
    const SubscriptionArn = await local.subscribeAndConfirm('joe@example.com', summer);
    expect(await local.subscribe('joe@example.com', { Attributes: summer })).toEqual({ SubscriptionArn });
    expect(await local.subscribe('joe@example.com')).toEqual({ SubscriptionArn });
    expect(local.mailbox.mails).toHaveLength(1);
    const Attributes = { ...summer, FilterPolicy: '{"topic":["winter"]}' };
    await expect(local.subscribe('joe@example.com', { Attributes })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    });
  });

  test('survives a restart', async () => {
    await local.subscribeAndConfirm('joe@example.com', summer);
    await local.subscribe('mary@example.com');
    const pending = local.link('mary@example.com');
    await reopen();
    await local.publish('{"topic":"summer"}');
    await local.publish('{"topic":"winter"}');
    expect(local.notifications()).toEqual(['joe@example.com']);
    expect((await confirmationPage(local.sns, pending)).status).toBe(200);
  });

  test('ends by the link of a notification, but not by a link with another address', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    await local.publish('one');
    const query = local.link('joe@example.com');
    const foreign = new URLSearchParams({ ...Object.fromEntries(query), Endpoint: 'mary@example.com' });
    expect((await unsubscribePage(local.sns, foreign)).status).toBe(400);
    expect((await unsubscribePage(local.sns, query)).status).toBe(200);
    expect((await unsubscribePage(local.sns, query)).status).toBe(404);
    await local.publish('two');
    expect(local.notifications()).toEqual(['joe@example.com']);
  });

  test('has attributes', async () => {
    const SubscriptionArn = await local.subscribeAndConfirm('joe@example.com', summer);
    expect(await local.sns.call('GetSubscriptionAttributes', { SubscriptionArn })).toMatchObject({
      Attributes: { ...summer, SubscriptionArn, PendingConfirmation: 'false', Endpoint: 'joe@example.com' },
    });
  });

  test('is unknown after Unsubscribe, which may be repeated', async () => {
    const SubscriptionArn = await local.subscribeAndConfirm('joe@example.com');
    expect(await local.sns.call('Unsubscribe', { SubscriptionArn })).toEqual({});
    expect(await local.sns.call('Unsubscribe', { SubscriptionArn })).toEqual({});
    await expect(local.sns.call('GetSubscriptionAttributes', { SubscriptionArn })).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    });
  });

  test('cannot be ended while it is pending', async () => {
    const { SubscriptionArn } = {
      SubscriptionArn: '',
      ...(await local.subscribe('joe@example.com', { ReturnSubscriptionArn: true })),
    };
    await expect(local.sns.call('Unsubscribe', { SubscriptionArn })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message:
        'Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation',
    });
    expect(await local.sns.call('GetSubscriptionAttributes', { SubscriptionArn })).toMatchObject({
      Attributes: { PendingConfirmation: 'true' },
    });
  });

  test.each([
    [
      { SubscriptionArn: 'PendingConfirmation' },
      'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
    ],
    [
      { SubscriptionArn: 'arn:aws:sns:us-east-1:random' },
      'SubscriptionArn Reason: An ARN must have at least 6 elements, not 5',
    ],
    [{ SubscriptionArn: TopicArn }, 'SubscriptionId'],
    [{ SubscriptionArn: `${TopicArn}:random` }, 'SubscriptionId'],
    [{}, 'SubscriptionArn Reason: no value for required parameter'],
  ])('is not ended by %j', async (input, reason) => {
    await expect(local.sns.call('Unsubscribe', input)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: `Invalid parameter: ${reason}`,
    });
  });

  test('accepts the default of raw delivery', async () => {
    await local.subscribeAndConfirm('joe@example.com', { RawMessageDelivery: 'false' });
  });

  test.each([
    [{ TopicArn, Token: 'randomtoken' }, 'Invalid token'],
    [{ TopicArn, Token: 'a'.repeat(64) }, 'Invalid parameter: Token'],
    [{ TopicArn: `${TopicArn}-2`, Token: 'a'.repeat(64) }, 'Invalid parameter: Token'],
    [{ TopicArn: 'posts', Token: 'a'.repeat(64) }, 'Invalid parameter: Topic'],
    [
      { TopicArn: TopicArn.replace('us-east-1', 'eu-west-1'), Token: 'a'.repeat(64) },
      'Invalid parameter: Topic',
    ],
  ])('is not confirmed by %j', async (input, message) => {
    await expect(local.sns.call('ConfirmSubscription', input)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message,
    });
  });

  test.each([
    [
      { Protocol: 'test-protocol' },
      'Invalid parameter: Amazon SNS does not support this protocol string: test-protocol',
    ],
    [{ Protocol: 'sqs' }, 'Invalid parameter: Protocol Reason: sqs: not emulated'],
    [{ Endpoint: 'joe@example.com, mary@example.com' }, 'Invalid parameter: Email address'],
    [
      { Attributes: { FilterPolicy: '{"topic":"summer"}' } },
      'Invalid parameter: Attributes Reason: FilterPolicy: "topic" must be an object or an array',
    ],
    [
      { Attributes: { FilterPolicy: '{"topic":' } },
      'Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON.',
    ],
    [
      { Attributes: { ...summer, FilterPolicyScope: 'RandomValue' } },
      'Invalid parameter: Attributes Reason: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
    ],
    [
      { Attributes: { RawMessageDelivery: 'wrongvalue' } },
      'Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.',
    ],
    [
      { Attributes: { RawMessageDelivery: 'true' } },
      'Invalid parameter: Attributes Reason: Delivery protocol [email] does not support raw message delivery.',
    ],
    [{ Attributes: { Unknown: 'x' } }, 'Invalid parameter: Attributes Reason: AttributeName'],
    [
      { Attributes: { RedrivePolicy: '{}' } },
      'Invalid parameter: Attributes Reason: RedrivePolicy: not emulated',
    ],
    [{ TopicArn: `${TopicArn}-2` }, 'Topic does not exist', 'NotFound'],
    [
      { TopicArn: 'posts' },
      'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    ],
    [
      { TopicArn: 'arn:aws:sns:us-east-1:random' },
      'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 5',
    ],
    [{ TopicArn: TopicArn.replace('us-east-1', 'eu-west-1') }, 'Invalid parameter: TopicArn'],
  ])('is refused for %j, without side effects', async (parameters, message, code = 'InvalidParameter') => {
    await expect(local.subscribe('joe@example.com', parameters)).rejects.toMatchObject({ code, message });
    expect(local.mailbox.mails).toEqual([]);
    expect(await local.sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
  });

  test('is listed in pages of 100', async () => {
    await Promise.all(
      Array.from({ length: 101 }, (_, index) => local.subscribe(`reader-${index}@example.com`)),
    );
    expect(await local.sns.call('ListSubscriptions', {})).toMatchObject({ NextToken: '100' });
    const Endpoint = 'reader-100@example.com';
    const rest = { Subscriptions: [expect.objectContaining({ Endpoint })] };
    expect(await local.sns.call('ListSubscriptionsByTopic', { TopicArn, NextToken: '100' })).toEqual(rest);
    await expect(local.sns.call('ListSubscriptions', { NextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
  });
});
