import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { parseInput } from '../../core/operation-input.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { Store } from '../../core/store.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import { MessageAttributes, sizeOfMessageAttributes } from '../sqs/message-attributes.ts';
import { deliverMail, type EmailServices } from './email-delivery.ts';
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
  /** Since when it waits for its confirmation, in milliseconds since the epoch; null if it does not. */
  pendingSince: z.nullable(z.number()),
  /** JSON; without one every message is delivered. */
  filterPolicy: z.optional(z.string()),
  filterPolicyScope: FilterPolicyScope,
});
type Subscription = z.infer<typeof Subscription>;

const State = z.object({ subscriptions: z.array(Subscription) });

const MAXIMUM_MESSAGE_BYTES = 262_144;
const SUBSCRIPTIONS_PER_PAGE = 100;

/** How long a token is valid, and how long a subscription waits for it. Source: API Reference, `Subscribe`. */
const PENDING_MS = 48 * 3600 * 1000;
/** Source: SNS Developer Guide, "Filter policy constraints in Amazon SNS". */
const FILTER_POLICIES_PER_TOPIC = 200;
/**
 * More of them suspend a subscription. Source: AWS General Reference, "Amazon SNS endpoints and quotas"; AWS re:Post
 * Knowledge Center, "Why did I get an email from AWS that states that my Amazon SNS subscription was manually deactivated?"
 */
const MAILS_PER_SECOND = 10;

const NextToken = z.optional(z.string().check(z.regex(/^\d+$/)));

interface SnsOptions extends EmailServices {
  resources: readonly Resource<TopicProperties>[];
  /** Where the subscriptions outlive the process. */
  folder: string;
  /** Where the AWS APIs and the pages behind the mails' links are served, without trailing slash. */
  awsUrl: string;
}

/**
 * Amazon SNS: topics whose subscribers get e-mail. Shapes and errors are those of the "Amazon SNS API Reference".
 * Unless a fault is in the way, a message is in the inbox of each subscriber whose filter it passes before `Publish`
 * answers.
 */
export class Sns implements Service {
  readonly #topics: readonly string[];
  readonly #awsUrl: string;
  readonly #services: EmailServices;
  readonly #store: Store<z.infer<typeof State>>;
  readonly #filters = new Map<string, ReturnType<typeof compileFilterPolicy>>();
  /** When each subscription, by its ARN, got the mails of the last second. */
  readonly #recentMails = new Map<string, number[]>();

  private constructor(options: SnsOptions, store: Store<z.infer<typeof State>>) {
    this.#topics = options.resources.map(({ arn }) => arn);
    this.#awsUrl = options.awsUrl;
    this.#services = options;
    this.#store = store;
  }

  static async open(options: SnsOptions): Promise<Sns> {
    return new Sns(options, await Store.open(join(options.folder, 'sns.json'), State, { subscriptions: [] }));
  }

  async call(name: string, input: unknown, cause?: Cause): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`);
    return run(input, cause);
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
          const siblings = this.#subscriptions(TopicArn);
          const existing = siblings.find(({ endpoint }) => endpoint === Endpoint);
          const now = this.#services.clock.now();
          const subscription: Subscription = existing ?? {
            arn: `${TopicArn}:${randomUUID()}`,
            topicArn: TopicArn,
            endpoint: Endpoint,
            token: randomBytes(32).toString('hex'),
            pendingSince: now,
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
            const policies = siblings.filter((sibling) => sibling.filterPolicy !== undefined);
            if (filterPolicy !== undefined && policies.length >= FILTER_POLICIES_PER_TOPIC) {
              const message = `Filter policy limit exceeded: ${FILTER_POLICIES_PER_TOPIC} a topic`;
              throw new AwsError('FilterPolicyLimitExceeded', message, 403);
            }
            this.#store.state.subscriptions.push(subscription);
          }
          const isConfirmed = subscription.pendingSince === null;
          if (!isConfirmed) {
            subscription.pendingSince = now;
            await this.#store.save();
            this.#services.mailbox.deliver(confirmationMail(this.#awsUrl, subscription));
          }
          const known = isConfirmed || ReturnSubscriptionArn;
          return { SubscriptionArn: known ? subscription.arn : 'pending confirmation' };
        },
      ),

      ConfirmSubscription: operation(
        z.strictObject({ TopicArn: z.string(), Token: z.string() }),
        async ({ TopicArn, Token }) => {
          const subscription = this.#subscriptions(TopicArn).find(({ token }) => token === Token);
          if (!subscription) throw invalid('Token', 'There is no such token');
          subscription.pendingSince = null;
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
          this.#keep(({ arn }) => arn !== SubscriptionArn);
          await this.#store.save();
          return {};
        },
      ),

      ListSubscriptions: operation(z.strictObject({ NextToken }), ({ NextToken }) =>
        page(this.#subscriptions(), NextToken),
      ),

      ListSubscriptionsByTopic: operation(
        z.strictObject({ TopicArn: z.string(), NextToken }),
        ({ TopicArn, NextToken }) => page(this.#subscriptions(TopicArn), NextToken),
      ),

      GetSubscriptionAttributes: operation(
        z.strictObject({ SubscriptionArn: z.string() }),
        ({ SubscriptionArn }) => {
          const subscription = this.#subscriptions().find(({ arn }) => arn === SubscriptionArn);
          if (!subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
          const { pendingSince, filterPolicy, filterPolicyScope } = subscription;
          return {
            Attributes: {
              ...described(subscription),
              PendingConfirmation: String(pendingSince !== null),
              ConfirmationWasAuthenticated: 'false',
              RawMessageDelivery: 'false',
              ...(filterPolicy !== undefined && {
                FilterPolicy: filterPolicy,
                FilterPolicyScope: filterPolicyScope,
              }),
            },
          };
        },
      ),

      GetTopicAttributes: operation(z.strictObject({ TopicArn: z.string() }), ({ TopicArn }) => {
        const subscriptions = this.#subscriptions(TopicArn);
        const pending = subscriptions.filter(({ pendingSince }) => pendingSince !== null).length;
        return {
          Attributes: {
            TopicArn,
            Owner: accountOf(TopicArn),
            DisplayName: '',
            SubscriptionsConfirmed: String(subscriptions.length - pending),
            SubscriptionsPending: String(pending),
          },
        };
      }),

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
        async ({ TopicArn, Message, Subject, MessageAttributes }, cause) => {
          if (
            Buffer.byteLength(Message) + sizeOfMessageAttributes(MessageAttributes) >
            MAXIMUM_MESSAGE_BYTES
          ) {
            throw invalid('Message', 'Message too long');
          }
          const message = { body: Message, attributes: MessageAttributes };
          for (const subscription of this.#subscriptions(TopicArn)) {
            if (subscription.pendingSince !== null || !this.#filter(subscription)(message)) continue;
            if (this.#isFlooded(subscription)) await this.#suspend(subscription);
            else {
              const mail = notificationMail(this.#awsUrl, subscription, Message, Subject);
              void deliverMail(mail, nameOf(TopicArn), cause, this.#services);
            }
          }
          return { MessageId: randomUUID() };
        },
      ),
    }),
  );

  /** All that there are, or those of a topic. */
  #subscriptions(topic?: string): Subscription[] {
    const expired = this.#services.clock.now() - PENDING_MS;
    this.#keep(({ pendingSince }) => pendingSince === null || pendingSince > expired);
    const { subscriptions } = this.#store.state;
    if (topic === undefined) return subscriptions;
    if (!this.#topics.includes(topic)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return subscriptions.filter(({ topicArn }) => topicArn === topic);
  }

  #keep(isKept: (subscription: Subscription) => boolean): void {
    const { state } = this.#store;
    state.subscriptions = state.subscriptions.filter(isKept);
  }

  /** Whether a mail now is one too many; if not, it is counted. */
  #isFlooded({ arn }: Subscription): boolean {
    const now = this.#services.clock.now();
    const recent = (this.#recentMails.get(arn) ?? []).filter((time) => time > now - 1000);
    if (recent.length >= MAILS_PER_SECOND) return true;
    this.#recentMails.set(arn, [...recent, now]);
    return false;
  }

  /** Lets a subscription wait for its confirmation again. */
  async #suspend(subscription: Subscription): Promise<void> {
    const { topicArn, endpoint } = subscription;
    subscription.pendingSince = this.#services.clock.now();
    await this.#store.save();
    this.#services.log.error(
      'sns',
      `SUSPENDED the subscription of ${endpoint} to ${nameOf(topicArn)}: it got more than ${MAILS_PER_SECOND} messages ` +
        'in a second. It gets no more and is deleted in 48 hours. To undo this, subscribe it again with the same ' +
        'attributes and open the link in the mail.',
    );
  }

  /** @throws {AwsError} if the policy is not one */
  #filter({ filterPolicy = '{}', filterPolicyScope }: Subscription) {
    const key = `${filterPolicyScope} ${filterPolicy}`;
    const filter = this.#filters.get(key) ?? compileFilterPolicy(filterPolicy, filterPolicyScope);
    this.#filters.set(key, filter);
    return filter;
  }
}

function operation<Input>(
  schema: z.ZodMiniType<Input>,
  run: (input: Input, cause: Cause | undefined) => object | Promise<object>,
) {
  return (input: unknown, cause: Cause | undefined) => run(parseInput(schema, input, invalid), cause);
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${parameter} Reason: ${reason}`);
}

function nameOf(topicArn: string): string {
  return topicArn.split(':').at(-1) ?? '';
}

function accountOf(topicArn: string): string {
  return topicArn.split(':')[4] ?? '';
}

function described({ arn, topicArn, endpoint }: Subscription) {
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Owner: accountOf(topicArn),
    Protocol: 'email',
    Endpoint: endpoint,
  };
}

function page(subscriptions: readonly Subscription[], token = '0'): object {
  const end = Number(token) + SUBSCRIPTIONS_PER_PAGE;
  return {
    Subscriptions: subscriptions.slice(Number(token), end).map((subscription) => ({
      ...described(subscription),
      SubscriptionArn: subscription.pendingSince === null ? subscription.arn : 'PendingConfirmation',
    })),
    ...(end < subscriptions.length && { NextToken: String(end) }),
  };
}
