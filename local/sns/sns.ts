import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Mailbox } from '../mail/mailbox.ts';
import { parseInput } from '../operation-input.ts';
import { AwsError, type Service } from '../service.ts';
import { MessageAttributes, sizeOfMessageAttributes } from '../sqs/message-attributes.ts';
import { Store } from '../store.ts';
import type { Resource } from '../template/resource.ts';
import { compileFilterPolicy } from './filter-policy.ts';
import { confirmationMail, notificationMail } from './mails.ts';
import type { TopicProperties } from './topic-resource.ts';

const FilterPolicyScope = z.enum(['MessageAttributes', 'MessageBody']);

const Subscription = z.object({
  arn: z.string(),
  topicArn: z.string(),
  endpoint: z.string(),
  /** Whoever knows it can read the mails of `endpoint`, and so may confirm. */
  token: z.string(),
  confirmed: z.boolean(),
  /** JSON; without one every message is delivered. */
  filterPolicy: z.optional(z.string()),
  filterPolicyScope: FilterPolicyScope,
});
type Subscription = z.infer<typeof Subscription>;

const State = z.object({ subscriptions: z.array(Subscription) });

const MAXIMUM_MESSAGE_BYTES = 262_144;
const SUBSCRIPTIONS_PER_PAGE = 100;

const NextToken = z.optional(z.string().check(z.regex(/^\d+$/)));

interface SnsOptions {
  resources: readonly Resource<TopicProperties>[];
  /** Where the subscriptions outlive the process. */
  folder: string;
  mailbox: Mailbox;
  /** Where the AWS APIs and the pages behind the mails' links are served, without trailing slash. */
  awsUrl: string;
}

/**
 * Amazon SNS: topics whose subscribers get e-mail. Shapes and errors are those of the "Amazon SNS API Reference".
 * A message is in the inbox of each subscriber whose filter it passes before `Publish` answers.
 */
export class Sns implements Service {
  readonly #topics: readonly string[];
  readonly #mailbox: Mailbox;
  readonly #awsUrl: string;
  readonly #store: Store<z.infer<typeof State>>;
  readonly #filters = new Map<string, ReturnType<typeof compileFilterPolicy>>();

  private constructor({ resources, mailbox, awsUrl }: SnsOptions, store: Store<z.infer<typeof State>>) {
    this.#topics = resources.map(({ arn }) => arn);
    this.#mailbox = mailbox;
    this.#awsUrl = awsUrl;
    this.#store = store;
  }

  static async open(options: SnsOptions): Promise<Sns> {
    return new Sns(options, await Store.open(join(options.folder, 'sns.json'), State, { subscriptions: [] }));
  }

  async call(name: string, input: unknown): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`);
    return run(input);
  }

  readonly #operations = new Map(
    Object.entries({
      /** One address has one subscription a topic. While it is pending, each further call mails it again. */
      Subscribe: operation(
        z.strictObject({
          TopicArn: z.string(),
          Protocol: z.literal('email', 'Amazon SNS does not support this protocol string'),
          Endpoint: z.email('Email address'),
          Attributes: z._default(
            z.strictObject({
              FilterPolicy: z.optional(z.string()),
              FilterPolicyScope: z.optional(FilterPolicyScope),
            }),
            {},
          ),
          // The query protocol has no booleans.
          ReturnSubscriptionArn: z._default(z.union([z.boolean(), z.stringbool()]), false),
        }),
        async ({ TopicArn, Endpoint, Attributes, ReturnSubscriptionArn }) => {
          const existing = this.#subscriptions(TopicArn).find(({ endpoint }) => endpoint === Endpoint);
          const subscription: Subscription = existing ?? {
            arn: `${TopicArn}:${randomUUID()}`,
            topicArn: TopicArn,
            endpoint: Endpoint,
            token: randomBytes(32).toString('hex'),
            confirmed: false,
            filterPolicy: Attributes.FilterPolicy,
            filterPolicyScope: Attributes.FilterPolicyScope ?? 'MessageAttributes',
          };
          const { filterPolicy, filterPolicyScope } = subscription;
          const { FilterPolicy = filterPolicy, FilterPolicyScope = filterPolicyScope } = Attributes;
          if (FilterPolicy !== filterPolicy || FilterPolicyScope !== filterPolicyScope) {
            throw invalid('Attributes', 'Subscription already exists with different attributes');
          }
          if (!existing) {
            this.#filter(subscription);
            this.#store.state.subscriptions.push(subscription);
            await this.#store.save();
          }
          if (!subscription.confirmed) {
            this.#mailbox.deliver(confirmationMail(this.#awsUrl, subscription));
          }
          const known = subscription.confirmed || ReturnSubscriptionArn;
          return { SubscriptionArn: known ? subscription.arn : 'pending confirmation' };
        },
      ),

      ConfirmSubscription: operation(
        z.strictObject({ TopicArn: z.string(), Token: z.string() }),
        async ({ TopicArn, Token }) => {
          const subscription = this.#subscriptions(TopicArn).find(({ token }) => token === Token);
          if (!subscription) throw invalid('Token', 'There is no such token');
          subscription.confirmed = true;
          await this.#store.save();
          return { SubscriptionArn: subscription.arn };
        },
      ),

      /** That there is no such subscription any more is not an error in AWS either. */
      Unsubscribe: operation(
        z.strictObject({
          SubscriptionArn: z.string().check(z.regex(/^([^:]*:){5}/, 'An ARN must have at least 6 elements')),
        }),
        async ({ SubscriptionArn }) => {
          const { state } = this.#store;
          state.subscriptions = state.subscriptions.filter(({ arn }) => arn !== SubscriptionArn);
          await this.#store.save();
          return {};
        },
      ),

      ListSubscriptions: operation(z.strictObject({ NextToken }), ({ NextToken }) =>
        page(this.#store.state.subscriptions, NextToken),
      ),

      ListSubscriptionsByTopic: operation(
        z.strictObject({ TopicArn: z.string(), NextToken }),
        ({ TopicArn, NextToken }) => page(this.#subscriptions(TopicArn), NextToken),
      ),

      GetSubscriptionAttributes: operation(
        z.strictObject({ SubscriptionArn: z.string() }),
        ({ SubscriptionArn }) => {
          const subscription = this.#store.state.subscriptions.find(({ arn }) => arn === SubscriptionArn);
          if (!subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
          const { confirmed, filterPolicy, filterPolicyScope } = subscription;
          return {
            Attributes: {
              ...described(subscription),
              PendingConfirmation: String(!confirmed),
              ...(filterPolicy !== undefined && {
                FilterPolicy: filterPolicy,
                FilterPolicyScope: filterPolicyScope,
              }),
            },
          };
        },
      ),

      ListTopics: operation(z.strictObject({ NextToken }), () => ({
        Topics: this.#topics.map((TopicArn) => ({ TopicArn })),
      })),

      Publish: operation(
        z.strictObject({
          TopicArn: z.string(),
          Message: z.string().check(z.minLength(1)),
          // One line of ASCII that begins with a letter, a digit or punctuation.
          Subject: z.optional(z.string().check(z.regex(/^[!-~][ -~]{0,99}$/))),
          MessageAttributes: z._default(MessageAttributes, {}),
        }),
        async ({ TopicArn, Message, Subject, MessageAttributes }) => {
          if (
            Buffer.byteLength(Message) + sizeOfMessageAttributes(MessageAttributes) >
            MAXIMUM_MESSAGE_BYTES
          ) {
            throw invalid('Message', 'Message too long');
          }
          const message = { body: Message, attributes: MessageAttributes };
          for (const subscription of this.#subscriptions(TopicArn)) {
            if (!subscription.confirmed || !this.#filter(subscription)(message)) continue;
            this.#mailbox.deliver(notificationMail(this.#awsUrl, subscription, Message, Subject));
          }
          return { MessageId: randomUUID() };
        },
      ),
    }),
  );

  #subscriptions(topic: string): Subscription[] {
    if (!this.#topics.includes(topic)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return this.#store.state.subscriptions.filter(({ topicArn }) => topicArn === topic);
  }

  /** @throws {AwsError} if the policy is not one */
  #filter({ filterPolicy = '{}', filterPolicyScope }: Subscription) {
    const key = `${filterPolicyScope} ${filterPolicy}`;
    const filter = this.#filters.get(key) ?? compileFilterPolicy(filterPolicy, filterPolicyScope);
    this.#filters.set(key, filter);
    return filter;
  }
}

function operation<Input>(schema: z.ZodMiniType<Input>, run: (input: Input) => object | Promise<object>) {
  return (input: unknown) => run(parseInput(schema, input, invalid));
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${parameter} Reason: ${reason}`);
}

function described({ arn, topicArn, endpoint }: Subscription) {
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Owner: topicArn.split(':')[4] ?? '',
    Protocol: 'email',
    Endpoint: endpoint,
  };
}

function page(subscriptions: readonly Subscription[], token = '0'): object {
  const end = Number(token) + SUBSCRIPTIONS_PER_PAGE;
  return {
    Subscriptions: subscriptions.slice(Number(token), end).map((subscription) => ({
      ...described(subscription),
      SubscriptionArn: subscription.confirmed ? subscription.arn : 'PendingConfirmation',
    })),
    ...(end < subscriptions.length && { NextToken: String(end) }),
  };
}
