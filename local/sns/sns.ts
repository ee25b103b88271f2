import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Mailbox } from '../mail/mailbox.ts';
import { parseInput } from '../operation-input.ts';
import { AwsError, type Service } from '../service.ts';
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

const Subscribe = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.optional(z.string()),
  Attributes: z._default(
    z.strictObject({
      FilterPolicy: z.optional(z.string()),
      FilterPolicyScope: z.optional(FilterPolicyScope),
    }),
    {},
  ),
  // The query protocol has no booleans.
  ReturnSubscriptionArn: z._default(z.union([z.boolean(), z.stringbool()]), false),
});
const ConfirmSubscription = z.strictObject({ TopicArn: z.string(), Token: z.string() });
const SubscriptionArn = z.strictObject({ SubscriptionArn: z.string() });
const TopicArn = z.strictObject({ TopicArn: z.string() });
const NextToken = z.strictObject({
  NextToken: z.optional(z.string().check(z.regex(/^\d+$/))),
});
const ListSubscriptionsByTopic = z.extend(TopicArn, NextToken.shape);
const SetSubscriptionAttributes = z.extend(SubscriptionArn, {
  AttributeName: z.enum(['FilterPolicy', 'FilterPolicyScope']),
  AttributeValue: z._default(z.string(), ''),
});
const Publish = z.strictObject({
  TopicArn: z.string(),
  Message: z.string().check(z.minLength(1)),
  // One line of ASCII that begins with a letter, a digit or punctuation.
  Subject: z.optional(z.string().check(z.regex(/^[!-~][ -~]{0,99}$/))),
  MessageAttributes: z._default(
    z.record(
      z.string(),
      z.union([
        z.strictObject({ DataType: z.string(), StringValue: z.string() }),
        z.strictObject({ DataType: z.string(), BinaryValue: z.string() }),
      ]),
    ),
    {},
  ),
});
type Publish = z.infer<typeof Publish>;

const EmailAddress = z.email();

type Filter = ReturnType<typeof compileFilterPolicy>;

/**
 * Amazon SNS: topics whose subscribers get e-mail. Shapes and errors are those of the "Amazon SNS API Reference".
 * A message is in the inbox of each subscriber whose filter it passes before `Publish` answers.
 */
export class Sns implements Service {
  readonly #topics: ReadonlySet<string>;
  readonly #store: Store<z.infer<typeof State>>;
  readonly #mailbox: Mailbox;
  readonly #awsUrl: string;
  readonly #filters = new Map<string, Filter>();

  private constructor(
    topics: ReadonlySet<string>,
    store: Store<z.infer<typeof State>>,
    mailbox: Mailbox,
    awsUrl: string,
  ) {
    this.#topics = topics;
    this.#store = store;
    this.#mailbox = mailbox;
    this.#awsUrl = awsUrl;
  }

  /**
   * @param folder where the subscriptions outlive the process
   * @param awsUrl where the AWS APIs and the pages behind the mails' links are served, without trailing slash
   */
  static async open({
    resources,
    folder,
    mailbox,
    awsUrl,
  }: {
    resources: readonly Resource<TopicProperties>[];
    folder: string;
    mailbox: Mailbox;
    awsUrl: string;
  }): Promise<Sns> {
    const store = await Store.open(join(folder, 'sns.json'), State, { subscriptions: [] });
    return new Sns(new Set(resources.map(({ arn }) => arn)), store, mailbox, awsUrl);
  }

  async call(operation: string, input: unknown): Promise<object> {
    switch (operation) {
      case 'Subscribe':
        return this.#subscribe(parse(Subscribe, input));
      case 'ConfirmSubscription':
        return this.#confirm(parse(ConfirmSubscription, input));
      case 'Unsubscribe':
        return this.#unsubscribe(parse(SubscriptionArn, input).SubscriptionArn);
      case 'ListSubscriptions':
        return page(this.#store.state.subscriptions, parse(NextToken, input).NextToken);
      case 'ListSubscriptionsByTopic': {
        const { TopicArn, NextToken } = parse(ListSubscriptionsByTopic, input);
        return page(this.#subscribers(TopicArn), NextToken);
      }
      case 'GetSubscriptionAttributes':
        return {
          Attributes: attributesOf(this.#subscription(parse(SubscriptionArn, input).SubscriptionArn)),
        };
      case 'SetSubscriptionAttributes':
        return this.#setAttribute(parse(SetSubscriptionAttributes, input));
      case 'GetTopicAttributes':
        return { Attributes: this.#topicAttributes(parse(TopicArn, input).TopicArn) };
      case 'ListTopics':
        parse(NextToken, input);
        return { Topics: [...this.#topics].map((TopicArn) => ({ TopicArn })) };
      case 'Publish':
        return this.#publish(parse(Publish, input));
      default:
        throw new AwsError('InvalidAction', `The action ${operation} is not valid for this endpoint.`);
    }
  }

  /** One address has one subscription a topic. While it is pending, each further call mails it again. */
  async #subscribe(input: z.infer<typeof Subscribe>): Promise<object> {
    const { TopicArn, Protocol, Endpoint: endpoint, Attributes } = input;
    const subscribers = this.#subscribers(TopicArn);
    if (Protocol !== 'email') throw invalid(`Amazon SNS does not support this protocol string: ${Protocol}`);
    if (endpoint === undefined || !EmailAddress.safeParse(endpoint).success) throw invalid('Email address');
    const existing = subscribers.find((subscriber) => subscriber.endpoint === endpoint);
    const { FilterPolicy = existing?.filterPolicy, FilterPolicyScope = existing?.filterPolicyScope } =
      Attributes;
    if (
      existing &&
      (FilterPolicy !== existing.filterPolicy || FilterPolicyScope !== existing.filterPolicyScope)
    ) {
      throw invalid('Attributes Reason: Subscription already exists with different attributes');
    }
    const subscription: Subscription = existing ?? {
      arn: `${TopicArn}:${randomUUID()}`,
      topicArn: TopicArn,
      endpoint,
      token: randomBytes(32).toString('hex'),
      confirmed: false,
      filterPolicy: FilterPolicy,
      filterPolicyScope: FilterPolicyScope ?? 'MessageAttributes',
    };
    if (!existing) {
      this.#filter(subscription);
      this.#store.state.subscriptions.push(subscription);
      await this.#store.save();
    }
    if (!subscription.confirmed) {
      this.#mailbox.deliver(confirmationMail(this.#awsUrl, subscription));
    }
    const known = subscription.confirmed || input.ReturnSubscriptionArn;
    return { SubscriptionArn: known ? subscription.arn : 'pending confirmation' };
  }

  async #confirm({ TopicArn, Token }: z.infer<typeof ConfirmSubscription>): Promise<object> {
    const subscription = this.#subscribers(TopicArn).find(({ token }) => token === Token);
    if (!subscription) throw invalid('Token');
    subscription.confirmed = true;
    await this.#store.save();
    return { SubscriptionArn: subscription.arn };
  }

  /** That there is no such subscription any more is not an error in AWS either. */
  async #unsubscribe(subscriptionArn: string): Promise<object> {
    const elements = subscriptionArn.split(':').length;
    if (elements < 6) {
      throw invalid(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${elements}`);
    }
    const { state } = this.#store;
    state.subscriptions = state.subscriptions.filter(({ arn }) => arn !== subscriptionArn);
    await this.#store.save();
    return {};
  }

  async #setAttribute(input: z.infer<typeof SetSubscriptionAttributes>): Promise<object> {
    const subscription = this.#subscription(input.SubscriptionArn);
    const change =
      input.AttributeName === 'FilterPolicy'
        ? { filterPolicy: input.AttributeValue || undefined }
        : { filterPolicyScope: parse(FilterPolicyScope, input.AttributeValue) };
    this.#filter({ ...subscription, ...change });
    Object.assign(subscription, change);
    await this.#store.save();
    return {};
  }

  async #publish({ TopicArn, Message, Subject, MessageAttributes }: Publish): Promise<object> {
    const attributes = Object.entries(MessageAttributes).map(([name, attribute]) => {
      const Value = 'StringValue' in attribute ? attribute.StringValue : attribute.BinaryValue;
      return [name, { Type: attribute.DataType, Value }] as const;
    });
    const size = attributes.reduce(
      (sum, [name, { Type, Value }]) => sum + Buffer.byteLength(name + Type + Value),
      Buffer.byteLength(Message),
    );
    if (size > MAXIMUM_MESSAGE_BYTES) throw invalid('Message too long');
    const message = { body: Message, attributes: Object.fromEntries(attributes) };
    const receivers = this.#subscribers(TopicArn).filter(
      (subscriber) => subscriber.confirmed && this.#filter(subscriber)(message),
    );
    for (const receiver of receivers) {
      this.#mailbox.deliver(notificationMail(this.#awsUrl, receiver, Message, Subject));
    }
    return { MessageId: randomUUID() };
  }

  #topicAttributes(topicArn: string): Record<string, string> {
    const subscribers = this.#subscribers(topicArn);
    const confirmed = subscribers.filter((subscriber) => subscriber.confirmed).length;
    return {
      TopicArn: topicArn,
      Owner: ownerOf(topicArn),
      SubscriptionsConfirmed: String(confirmed),
      SubscriptionsPending: String(subscribers.length - confirmed),
      SubscriptionsDeleted: '0',
    };
  }

  #subscribers(topicArn: string): Subscription[] {
    if (!this.#topics.has(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return this.#store.state.subscriptions.filter((subscription) => subscription.topicArn === topicArn);
  }

  #subscription(subscriptionArn: string): Subscription {
    const subscription = this.#store.state.subscriptions.find(({ arn }) => arn === subscriptionArn);
    if (!subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
    return subscription;
  }

  /** @throws {AwsError} if the policy is not one */
  #filter({ filterPolicy, filterPolicyScope }: Subscription): Filter {
    if (filterPolicy === undefined) return () => true;
    const key = `${filterPolicyScope} ${filterPolicy}`;
    const filter = this.#filters.get(key) ?? compileFilterPolicy(filterPolicy, filterPolicyScope);
    this.#filters.set(key, filter);
    return filter;
  }
}

function parse<Input>(schema: z.ZodMiniType<Input>, input: unknown): Input {
  return parseInput(schema, input, (parameter, reason) => invalid(`${parameter} Reason: ${reason}`));
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
}

function ownerOf(topicArn: string): string {
  return topicArn.split(':')[4] ?? '';
}

function page(subscriptions: readonly Subscription[], token = '0'): object {
  const end = Number(token) + SUBSCRIPTIONS_PER_PAGE;
  return {
    Subscriptions: subscriptions.slice(Number(token), end).map(({ arn, topicArn, endpoint, confirmed }) => ({
      SubscriptionArn: confirmed ? arn : 'PendingConfirmation',
      Owner: ownerOf(topicArn),
      Protocol: 'email',
      Endpoint: endpoint,
      TopicArn: topicArn,
    })),
    ...(end < subscriptions.length && { NextToken: String(end) }),
  };
}

function attributesOf(subscription: Subscription): Record<string, string> {
  const { arn, topicArn, endpoint, confirmed, filterPolicy, filterPolicyScope } = subscription;
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Owner: ownerOf(topicArn),
    Protocol: 'email',
    Endpoint: endpoint,
    PendingConfirmation: String(!confirmed),
    ConfirmationWasAuthenticated: 'false',
    RawMessageDelivery: 'false',
    ...(filterPolicy !== undefined && { FilterPolicy: filterPolicy, FilterPolicyScope: filterPolicyScope }),
  };
}
