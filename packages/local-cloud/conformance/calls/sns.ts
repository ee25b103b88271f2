import { type MessageAttributeValue, SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import type { Recorder } from '../answers.ts';
import { topicName } from '../stack.ts';
import type { System } from '../system.ts';

const TopicArn = `arn:aws:sns:us-east-1:000000000000:${topicName}`;
const Mails = z.array(z.object({ to: z.string(), subject: z.string(), text: z.string() }));

/** Makes the calls of the life of a subscription, and calls that SNS refuses. */
export async function callSns(system: System, record: Recorder): Promise<void> {
  const sns = new SNS(system.settings);
  const nothing = `${TopicArn}-not`;
  const subscribe = (
    name: string,
    Endpoint: string,
    Attributes?: Record<string, string>,
    input: object = {},
  ) =>
    record.call(
      `Subscribe: ${name}`,
      sns.subscribe({ TopicArn, Protocol: 'email', Endpoint, Attributes, ...input }),
    );
  const filter = { FilterPolicy: '{"topic":["summer"]}', FilterPolicyScope: 'MessageBody' };
  const address = 'reader@example.com';

  await record.call('ListTopics', sns.listTopics({}));
  await subscribe('an address', address, filter);
  const { SubscriptionArn = '' } = await subscribe('again, asking for the ARN', address, filter, {
    ReturnSubscriptionArn: true,
  });
  await record.call('GetSubscriptionAttributes: pending', sns.getSubscriptionAttributes({ SubscriptionArn }));
  await record.call('ListSubscriptionsByTopic: pending', sns.listSubscriptionsByTopic({ TopicArn }));
  await record.call('ConfirmSubscription: bad token', sns.confirmSubscription({ TopicArn, Token: 'x' }));
  await record.call(
    'ConfirmSubscription: no such topic',
    sns.confirmSubscription({ TopicArn: nothing, Token: 'x' }),
  );
  await record.call(
    'ConfirmSubscription',
    sns.confirmSubscription({ TopicArn, Token: await confirmationToken(system, address) }),
  );
  await record.call(
    'GetSubscriptionAttributes: confirmed',
    sns.getSubscriptionAttributes({ SubscriptionArn }),
  );
  await record.call('ListSubscriptions: confirmed', sns.listSubscriptions({}));
  await record.call('ListSubscriptionsByTopic: confirmed', sns.listSubscriptionsByTopic({ TopicArn }));
  await subscribe('again, confirmed', address, filter);
  await subscribe('again, with another filter', address, { ...filter, FilterPolicy: '{"topic":["winter"]}' });
  await subscribe('no such topic', address, filter, { TopicArn: nothing });
  await subscribe('unknown protocol', address, undefined, { Protocol: 'pigeon' });
  await subscribe('unknown attribute', 'a@example.com', { Nothing: 'x' });
  await subscribe('unknown scope', 'a@example.com', { ...filter, FilterPolicyScope: 'Subject' });

  const publish = (name: string, Message: string, input: object = {}) =>
    record.call(`Publish: ${name}`, sns.publish({ TopicArn, Message, ...input }));
  await publish('a message', '{"topic":"summer"}');
  await publish('with a subject', 'x', { Subject: 'Subject' });
  await publish('no such topic', 'x', { TopicArn: nothing });
  await publish('empty', '');
  await publish('too large', 'x'.repeat(262_145));
  await publish('subject too long', 'x', { Subject: 'x'.repeat(101) });
  await publish('subject of two lines', 'x', { Subject: 'x\ny' });
  await publish('attribute of an unknown type', 'x', {
    MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } },
  });
  await publish('attribute without value', 'x', {
    MessageAttributes: { a: { DataType: 'String', StringValue: '' } },
  });

  await record.call(
    'GetSubscriptionAttributes: none such',
    sns.getSubscriptionAttributes({ SubscriptionArn: `${TopicArn}:00000000-0000-0000-0000-000000000000` }),
  );
  await record.call('Unsubscribe', sns.unsubscribe({ SubscriptionArn }));
  await record.call('Unsubscribe: again', sns.unsubscribe({ SubscriptionArn }));
  await record.call('Unsubscribe: no ARN', sns.unsubscribe({ SubscriptionArn: 'x' }));
  await record.call(
    'GetSubscriptionAttributes: unsubscribed',
    sns.getSubscriptionAttributes({ SubscriptionArn }),
  );
  await record.call(
    'ListSubscriptionsByTopic: no such topic',
    sns.listSubscriptionsByTopic({ TopicArn: nothing }),
  );
  await matchFilters(system, record);
}

/** Returns the token in the confirmation e-mail to an address. moto sends none and accepts any. */
async function confirmationToken(system: System, address: string): Promise<string> {
  if (!system.local) return 'any';
  const mail = (await mails(system.local.url)).findLast(({ to }) => to === address);
  return /[?&]Token=(\w+)/.exec(mail?.text ?? '')?.[1] ?? '';
}

async function mails(url: string): Promise<z.infer<typeof Mails>> {
  return Mails.parse(await (await fetch(`${url}/_local/emails`)).json());
}

/** The messages to publish, by their subject: the body and the attributes. */
const messages: Record<string, [body: object | string, attributes?: Record<string, MessageAttributeValue>]> =
  {
    summer: [
      { topic: 'summer', likes: 3, deep: { id: 'x1' } },
      {
        topic: { DataType: 'String', StringValue: 'summer' },
        likes: { DataType: 'Number', StringValue: '3' },
      },
    ],
    winter: [{ topic: 'winter', likes: 10 }, { topic: { DataType: 'String', StringValue: 'winter' } }],
    several: [
      { topic: ['summer', 'autumn'] },
      { topic: { DataType: 'String.Array', StringValue: '["summer","autumn"]' } },
    ],
    bare: [{}],
    text: ['summer'],
  };

/** The filter policies, each tested on the body and on the attributes. */
const policies: Record<string, object> = {
  value: { topic: ['summer'] },
  'one of several': { topic: ['winter', 'summer'] },
  'other case': { topic: ['Summer'] },
  'two names': { topic: ['summer'], likes: [3] },
  prefix: { topic: [{ prefix: 'sum' }] },
  suffix: { topic: [{ suffix: 'er' }] },
  'anything but': { topic: [{ 'anything-but': ['winter'] }] },
  'anything but a prefix': { topic: [{ 'anything-but': { prefix: 'sum' } }] },
  exists: { topic: [{ exists: true }] },
  'exists not': { topic: [{ exists: false }] },
  numeric: { likes: [{ numeric: ['>', 2, '<', 5] }] },
  'ignoring case': { topic: [{ 'equals-ignore-case': 'SUMMER' }] },
  or: { $or: [{ topic: ['winter'] }, { likes: [3] }] },
  empty: {},
  nested: { deep: { id: ['x1'] } },
  'six names': Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, ['x']])),
  '150 combinations': { a: Array.from({ length: 150 }, (_, index) => `${index}`) },
  '151 combinations': { a: Array.from({ length: 151 }, (_, index) => `${index}`) },
  'no array': { topic: 'summer' },
  'empty array': { topic: [] },
  'unknown operator': { topic: [{ unknown: 'x' }] },
  wildcard: { topic: [{ wildcard: 's*' }] },
  'exists neither': { topic: [{ exists: 'yes' }] },
  'unknown numeric operator': { likes: [{ numeric: ['=>', 1] }] },
};

/**
 * Records which filter policies are accepted and which messages they let through, into a mailbox
 * or, with moto, into a queue. Tests one policy at a time, because moto delivers to no subscription
 * if one policy fails.
 */
async function matchFilters(system: System, record: Recorder): Promise<void> {
  const sns = new SNS(system.settings);
  for (const FilterPolicyScope of ['MessageBody', 'MessageAttributes']) {
    for (const [name, policy] of Object.entries({ ...policies, 'not JSON': '{' })) {
      const filter = `filter of the ${FilterPolicyScope}: ${name}`;
      const FilterPolicy = typeof policy === 'string' ? policy : JSON.stringify(policy);
      const { endpoint, read } = await (system.local ? mailbox : queue)(system, filter.replace(/\W+/g, '-'));
      const { SubscriptionArn } = await record.call(
        `Subscribe: ${filter}`,
        sns.subscribe({
          TopicArn,
          ...endpoint,
          Attributes: { FilterPolicy, FilterPolicyScope },
          ReturnSubscriptionArn: true,
        }),
      );
      if (!SubscriptionArn) continue;
      if (system.local) {
        const Token = await confirmationToken(system, endpoint.Endpoint);
        await sns.confirmSubscription({ TopicArn, Token });
      }
      const failed: string[] = [];
      for (const [Subject, [body, MessageAttributes]] of Object.entries(messages)) {
        const Message = typeof body === 'string' ? body : JSON.stringify(body);
        await sns
          .publish({ TopicArn, Message, Subject, MessageAttributes })
          .catch(() => failed.push(Subject));
      }
      record.keep(`Publish: ${filter}`, { delivered: await read(), ...(failed.length > 0 && { failed }) });
      await sns.unsubscribe({ SubscriptionArn });
    }
  }
}

/** A subscriber. `read` returns the subjects of the received messages. */
interface Reader {
  endpoint: { Protocol: string; Endpoint: string };
  read(): Promise<string[]>;
}

async function mailbox({ local }: System, name: string): Promise<Reader> {
  const Endpoint = `${name}@example.com`;
  return {
    endpoint: { Protocol: 'email', Endpoint },
    async read() {
      const received = (await mails(local?.url ?? '')).filter(({ to }) => to === Endpoint);
      return received.map(({ subject }) => subject).filter((subject) => subject in messages);
    },
  };
}

async function queue({ settings }: System, name: string): Promise<Reader> {
  const sqs = new SQS(settings);
  const { QueueUrl } = await sqs.createQueue({ QueueName: name });
  return {
    endpoint: { Protocol: 'sqs', Endpoint: `arn:aws:sqs:us-east-1:000000000000:${name}` },
    async read() {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
      return Messages.map(
        ({ Body = '' }) => z.object({ Subject: z.string() }).parse(JSON.parse(Body)).Subject,
      );
    },
  };
}
