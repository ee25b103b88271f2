import { join } from 'node:path';
import * as z from 'zod/mini';
import { seededChance } from '../../../src/core/chance.ts';
import { Fault, Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Mailbox } from '../../../src/services/mail/mailbox.ts';
import { confirmationPage, unsubscribePage } from '../../../src/services/sns/pages.ts';
import { Sns } from '../../../src/services/sns/sns.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const awsUrl = 'http://127.0.0.1:4566';
const TopicArn = 'arn:aws:sns:us-east-1:123456789012:posts';
const topic = {
  logicalId: 'Topic',
  constructPath: 'Blog/Topic',
  name: 'posts',
  arn: TopicArn,
  properties: {},
};
const summer = { FilterPolicy: '{"topic":["summer"]}', FilterPolicyScope: 'MessageBody' };

const root = temporaryFolder();
let folder: string;
let runs = 0;
let mailbox: Mailbox;
let sns: Sns;
let clock: ManualClock;
let log: RecordedLog;
let faults: Faults;

async function open(): Promise<void> {
  clock = new ManualClock();
  log = new RecordedLog();
  faults = new Faults({ clock, log, chance: seededChance('test') });
  const recorder = new Recorder(clock, false);
  mailbox = new Mailbox({ clock, log });
  sns = await Sns.open({ resources: [topic], folder, mailbox, awsUrl, clock, faults, log, recorder });
}

beforeEach(async () => {
  folder = join(root, String(runs++));
  await open();
});

const subscribe = (Endpoint: string, parameters: object = {}) =>
  sns.call('Subscribe', { TopicArn, Protocol: 'email', Endpoint, ...parameters });

/** The query of the link in the newest mail to `to`. */
function link(to: string): URLSearchParams {
  const text = mailbox.mails.findLast((mail) => mail.to === to)?.text ?? '';
  return new URL(text.match(/http:\S+/)?.[0] ?? '').searchParams;
}

async function subscribeAndConfirm(endpoint: string, Attributes: object = {}): Promise<string> {
  await subscribe(endpoint, { Attributes });
  const input = { TopicArn, Token: link(endpoint).get('Token') };
  return z.object({ SubscriptionArn: z.string() }).parse(await sns.call('ConfirmSubscription', input))
    .SubscriptionArn;
}

const publish = (Message: string, parameters: object = {}) =>
  sns.call('Publish', { TopicArn, Message, ...parameters });
const notifications = () =>
  mailbox.mails.filter(({ subject }) => subject === 'AWS Notification Message').map(({ to }) => to);

describe('a subscription', () => {
  test('waits for its address to confirm it', async () => {
    expect(await subscribe('joe@example.com')).toEqual({ SubscriptionArn: 'pending confirmation' });
    expect(mailbox.mails).toMatchObject([
      { to: 'joe@example.com', subject: 'AWS Notification - Subscription Confirmation' },
    ]);
    await publish('unseen');
    expect(notifications()).toEqual([]);
    expect(await sns.call('ListSubscriptionsByTopic', { TopicArn })).toEqual({
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
    const { status, body } = await confirmationPage(sns, link('joe@example.com'));
    expect([status, body]).toEqual([200, expect.stringContaining('Subscription confirmed')]);
    await publish('seen');
    expect(notifications()).toEqual(['joe@example.com']);
  });

  test('that is pending is mailed again by the same call, with the same token', async () => {
    await subscribe('joe@example.com', { Attributes: summer });
    const first = link('joe@example.com');
    await subscribe('joe@example.com', { Attributes: summer, ReturnSubscriptionArn: 'true' });
    expect(mailbox.mails).toHaveLength(2);
    expect(`${link('joe@example.com')}`).toBe(`${first}`);
  });

  test('is gone when nobody has confirmed it for two days since it was last asked for', async () => {
    await subscribe('joe@example.com');
    clock.advance(24 * 3600_000);
    await subscribe('joe@example.com');
    clock.advance(48 * 3600_000 - 1);
    expect(await sns.call('ListSubscriptions', {})).toMatchObject({ Subscriptions: [{}] });
    clock.advance(1);
    expect(await sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
    expect((await confirmationPage(sns, link('joe@example.com'))).status).toBe(400);
    await publish('unseen');
    expect(notifications()).toEqual([]);
  });

  test('that is confirmed stays', async () => {
    await subscribeAndConfirm('joe@example.com');
    clock.advance(365 * 24 * 3600_000);
    await publish('seen');
    expect(notifications()).toEqual(['joe@example.com']);
  });

  test('has a filter policy in 200 of a topic at most', async () => {
    for (let count = 0; count < 200; count++) {
      await subscribe(`reader-${count}@example.com`, { Attributes: summer });
    }
    await expect(subscribe('joe@example.com', { Attributes: summer })).rejects.toMatchObject({
      code: 'FilterPolicyLimitExceeded',
      status: 403,
    });
    await subscribe('joe@example.com');
    await subscribe('reader-1@example.com', { Attributes: summer });
  });

  test('is counted in the attributes of its topic', async () => {
    await subscribeAndConfirm('joe@example.com', summer);
    const SubscriptionArn = await subscribeAndConfirm('jim@example.com');
    await subscribe('mary@example.com');
    const count = (SubscriptionsConfirmed: string, SubscriptionsPending: string) => ({
      Attributes: {
        TopicArn,
        Owner: '123456789012',
        DisplayName: '',
        SubscriptionsConfirmed,
        SubscriptionsPending,
      },
    });
    expect(await sns.call('GetTopicAttributes', { TopicArn })).toEqual(count('2', '1'));
    await sns.call('Unsubscribe', { SubscriptionArn });
    clock.advance(48 * 3600_000);
    expect(await sns.call('GetTopicAttributes', { TopicArn })).toEqual(count('1', '0'));
    await expect(sns.call('GetTopicAttributes', { TopicArn: `${TopicArn}-2` })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('is the only one of its address', async () => {
    const SubscriptionArn = await subscribeAndConfirm('joe@example.com', summer);
    expect(await subscribe('joe@example.com', { Attributes: summer })).toEqual({ SubscriptionArn });
    expect(await subscribe('joe@example.com')).toEqual({ SubscriptionArn });
    expect(mailbox.mails).toHaveLength(1);
    const Attributes = { ...summer, FilterPolicy: '{"topic":["winter"]}' };
    await expect(subscribe('joe@example.com', { Attributes })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    });
  });

  test('outlives a restart', async () => {
    await subscribeAndConfirm('joe@example.com', summer);
    await subscribe('mary@example.com');
    const pending = link('mary@example.com');
    await open();
    await publish('{"topic":"summer"}');
    await publish('{"topic":"winter"}');
    expect(notifications()).toEqual(['joe@example.com']);
    expect((await confirmationPage(sns, pending)).status).toBe(200);
  });

  test('ends by the link of a notification, and not by one with another address', async () => {
    await subscribeAndConfirm('joe@example.com');
    await publish('one');
    const query = link('joe@example.com');
    const foreign = new URLSearchParams({ ...Object.fromEntries(query), Endpoint: 'mary@example.com' });
    expect((await unsubscribePage(sns, foreign)).status).toBe(400);
    expect((await unsubscribePage(sns, query)).status).toBe(200);
    expect((await unsubscribePage(sns, query)).status).toBe(404);
    await publish('two');
    expect(notifications()).toEqual(['joe@example.com']);
  });

  test('has attributes', async () => {
    const SubscriptionArn = await subscribeAndConfirm('joe@example.com', summer);
    expect(await sns.call('GetSubscriptionAttributes', { SubscriptionArn })).toMatchObject({
      Attributes: { ...summer, SubscriptionArn, PendingConfirmation: 'false', Endpoint: 'joe@example.com' },
    });
  });

  test('is unknown after Unsubscribe, which may be repeated', async () => {
    const SubscriptionArn = await subscribeAndConfirm('joe@example.com');
    expect(await sns.call('Unsubscribe', { SubscriptionArn })).toEqual({});
    expect(await sns.call('Unsubscribe', { SubscriptionArn })).toEqual({});
    await expect(sns.call('GetSubscriptionAttributes', { SubscriptionArn })).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    });
    await expect(sns.call('Unsubscribe', { SubscriptionArn: 'PendingConfirmation' })).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
  });

  test.each([
    ['the protocol', { Protocol: 'carrier-pigeon' }],
    ['the address', { Endpoint: 'joe@example.com, mary@example.com' }],
    ['the filter policy', { Attributes: { FilterPolicy: '{"topic":"summer"}' } }],
    ['a filter policy that is not JSON', { Attributes: { FilterPolicy: '{"topic":' } }],
    ['the scope', { Attributes: { ...summer, FilterPolicyScope: 'Subject' } }],
    ['an attribute', { Attributes: { RawMessageDelivery: 'true' } }],
    ['the topic', { TopicArn: `${TopicArn}-2` }, 'NotFound'],
    ['a topic that is not an ARN', { TopicArn: 'posts' }, 'NotFound'],
  ])('is refused for %s, without a trace', async (_what, parameters, code = 'InvalidParameter') => {
    await expect(subscribe('joe@example.com', parameters)).rejects.toMatchObject({ code });
    expect(mailbox.mails).toEqual([]);
    expect(await sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
  });

  test('is listed in pages of 100', async () => {
    await Promise.all(Array.from({ length: 101 }, (_, index) => subscribe(`reader-${index}@example.com`)));
    expect(await sns.call('ListSubscriptions', {})).toMatchObject({ NextToken: '100' });
    const Endpoint = 'reader-100@example.com';
    const rest = { Subscriptions: [expect.objectContaining({ Endpoint })] };
    expect(await sns.call('ListSubscriptionsByTopic', { TopicArn, NextToken: '100' })).toEqual(rest);
    await expect(sns.call('ListSubscriptions', { NextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
  });
});

describe('a published message', () => {
  test('reaches those whose filter it passes, by body or by attributes', async () => {
    await subscribeAndConfirm('body@example.com', summer);
    await subscribeAndConfirm('attributes@example.com', { FilterPolicy: '{"topic":["summer"]}' });
    await subscribeAndConfirm('all@example.com');
    const MessageAttributes = { topic: { DataType: 'String', StringValue: 'summer' } };
    await publish('{"topic":"summer"}');
    expect(notifications().sort()).toEqual(['all@example.com', 'body@example.com']);
    await publish('not JSON', { MessageAttributes });
    expect(notifications().slice(2).sort()).toEqual(['all@example.com', 'attributes@example.com']);
  });

  test('is in the mail as it was sent, under its subject', async () => {
    await subscribeAndConfirm('joe@example.com');
    const message = `{"title":"\\"<b>😀</b>\\" \${x} <topic>"}`;
    await publish(message, { Subject: 'Hello, reader' });
    const mail = mailbox.mails.at(-1);
    expect(mail?.subject).toBe('Hello, reader');
    expect(mail?.text.startsWith(`${message}\n`)).toBe(true);
    expect(mail?.text).toContain(`${awsUrl}/unsubscribe.html?SubscriptionArn=`);
  });

  test.each([
    ['empty', { Message: '' }],
    ['longer than 256 KB', { Message: 'é'.repeat(131_073) }],
    [
      'longer than 256 KB with its attributes',
      { Message: 'x'.repeat(262_140), MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } },
    ],
    ['for several protocols', { Message: '{}', MessageStructure: 'json' }],
    ['under a subject of two lines', { Message: 'x', Subject: 'a\nb' }],
  ])('is refused if it is %s', async (_what, input) => {
    await subscribeAndConfirm('joe@example.com');
    await expect(sns.call('Publish', { TopicArn, ...input })).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
    expect(mailbox.mails).toHaveLength(1);
  });
});

describe('more than 10 messages in a second', () => {
  const burst = async (count: number) => {
    for (let sent = 0; sent < count; sent++) await publish('{"topic":"summer"}');
  };

  test('suspend a subscription until it is confirmed again, which the log says loudly', async () => {
    const SubscriptionArn = await subscribeAndConfirm('joe@example.com', summer);
    await subscribeAndConfirm('mary@example.com', { ...summer, FilterPolicy: '{"topic":["winter"]}' });
    await burst(10);
    expect(log.errors).toEqual([]);
    clock.advance(999);
    await burst(2);
    expect(notifications()).toHaveLength(10);
    expect(log.errors).toEqual([
      expect.stringMatching(
        /^sns: SUSPENDED the subscription of joe@example\.com to posts: .* subscribe it again/,
      ),
    ]);
    const attributes = () => sns.call('GetSubscriptionAttributes', { SubscriptionArn });
    expect(await attributes()).toMatchObject({ Attributes: { PendingConfirmation: 'true' } });

    expect(await subscribe('joe@example.com', { Attributes: summer })).toEqual({
      SubscriptionArn: 'pending confirmation',
    });
    expect((await confirmationPage(sns, link('joe@example.com'))).status).toBe(200);
    expect(await attributes()).toMatchObject({ Attributes: { PendingConfirmation: 'false' } });
    clock.advance(1);
    await burst(1);
    expect(notifications()).toHaveLength(11);
  });

  test('delete it two days later if nobody confirms', async () => {
    const SubscriptionArn = await subscribeAndConfirm('joe@example.com');
    await burst(11);
    await open();
    clock.advance(48 * 3600_000);
    await expect(sns.call('GetSubscriptionAttributes', { SubscriptionArn })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('are none where they come in more than one', async () => {
    await subscribeAndConfirm('joe@example.com');
    for (let second = 0; second < 3; second++) {
      await burst(10);
      clock.advance(1000);
    }
    expect(notifications()).toHaveLength(30);
    expect(log.errors).toEqual([]);
  });
});

describe('a fault at the delivery of mail', () => {
  const hop = 'posts → email';
  const cause = { trace: '0123456789abcdef01234567' };
  const settled = async (isDone: () => boolean) => {
    while (!isDone()) {
      clock.jump();
      await new Promise(setImmediate);
    }
  };

  test('delays it, for its cause, and not the answer to the publisher', async () => {
    await subscribeAndConfirm('joe@example.com');
    faults.add(Fault.parse({ hop, fault: 'error', times: 3 }));
    const begin = clock.now();
    await sns.call('Publish', { TopicArn, Message: 'x' }, cause);
    expect(notifications()).toEqual([]);
    await settled(() => notifications().length > 0);
    expect(clock.now() - begin).toBe(30_000);
    await sns.call('Publish', { TopicArn, Message: 'y' }, cause);
    expect(notifications()).toHaveLength(2);
  });

  test('that stays loses it after 50 retries in over six hours', async () => {
    await subscribeAndConfirm('joe@example.com');
    faults.add(Fault.parse({ service: 'sns', operation: 'Deliver', fault: 'drop' }));
    const begin = clock.now();
    await publish('x');
    await settled(() => log.errors.length > 0);
    expect(log.errors).toEqual([expect.stringContaining(`${hop}: LOST a mail to joe@example.com`)]);
    expect(log.warnings.filter((line) => line.includes('tried again'))).toHaveLength(50);
    expect(clock.now() - begin).toBeGreaterThan(6 * 3600_000);
    expect(clock.now() - begin).toBeLessThan(8 * 3600_000);
    expect(notifications()).toEqual([]);
  });
});

describe('a topic', () => {
  test.each([
    ['Publish', { Message: 'x' }],
    ['GetTopicAttributes', {}],
    ['ListSubscriptionsByTopic', {}],
    ['ConfirmSubscription', { Token: 'x' }],
  ])('that is not an ARN does not exist for %s', async (operation, input) => {
    await expect(sns.call(operation, { TopicArn: 'posts', ...input })).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    });
  });

  test('is listed, and cannot be made by a call', async () => {
    expect(await sns.call('ListTopics', {})).toEqual({ Topics: [{ TopicArn }] });
    await expect(sns.call('CreateTopic', { Name: 'x' })).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});

describe('the page behind a link', () => {
  test('that does not work says so, escaped', async () => {
    const query = new URLSearchParams({ TopicArn, Token: '<script>', Endpoint: 'joe@example.com' });
    expect(await confirmationPage(sns, query)).toMatchObject({ status: 400 });
    query.set('SubscriptionArn', '<script>');
    const page = await unsubscribePage(sns, query);
    expect(page.status).toBe(404);
    expect(page.body).not.toContain('<script>');
  });
});
