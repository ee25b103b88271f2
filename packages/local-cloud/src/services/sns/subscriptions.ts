import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parse, validate } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { AwsError } from '../../core/service.ts';
import { Store } from '../../core/store.ts';
import { compileFilterPolicy, type FilteredMessage, FilterPolicyScope } from './filter-policy.ts';
import { invalidParameter, refuseMalformedArn } from './operation.ts';
import type { SubscriptionAttributes } from './subscription-attributes.ts';

const Subscription = z.object({
  arn: z.string(),
  topicArn: z.string(),
  endpoint: z.string(),
  /** Only the e-mails to `endpoint` contain it, so knowing it proves that the caller reads them. */
  token: z.string(),
  /**
   * The time at which the subscription became pending, in milliseconds since the epoch; null once
   * it is confirmed.
   */
  pendingSince: z.nullable(z.number()),
  /** As JSON. Without a policy, every message is delivered. */
  filterPolicy: z.optional(z.string()),
  filterPolicyScope: FilterPolicyScope,
});
export type Subscription = z.infer<typeof Subscription>;

const State = z.object({ subscriptions: z.array(Subscription) });

/** The lifetime of a token and of a pending subscription. Source: API Reference, `Subscribe`. */
const PENDING_MS = 48 * 3600 * 1000;
/** Source: SNS Developer Guide, "Filter policy constraints in Amazon SNS". */
const FILTER_POLICIES_PER_TOPIC = 200;

interface SubscriptionsOptions {
  /** The ARNs of the topics. */
  topics: readonly string[];
  /** The folder of the subscriptions, which survive a restart. */
  folder: string;
  clock: Clock;
}

/** The subscriptions of all topics. A subscription is deleted if it stays pending for 48 hours. */
export class Subscriptions {
  readonly #topics: readonly string[];
  readonly #clock: Clock;
  readonly #store: Store<z.infer<typeof State>>;
  readonly #filters = new Map<string, ReturnType<typeof compileFilterPolicy>>();

  private constructor({ topics, clock }: SubscriptionsOptions, store: Store<z.infer<typeof State>>) {
    this.#topics = topics;
    this.#clock = clock;
    this.#store = store;
  }

  static async open(options: SubscriptionsOptions): Promise<Subscriptions> {
    const store = await Store.open(join(options.folder, 'sns.json'), State, { subscriptions: [] });
    return new Subscriptions(options, store);
  }

  /**
   * Returns the subscriptions of a topic, or of every topic.
   * @throws {AwsError} `NotFound` (404) if the topic does not exist, `InvalidParameter` if its ARN is
   * malformed or of another Region
   */
  list(topicArn?: string): readonly Subscription[] {
    const expired = this.#clock.now() - PENDING_MS;
    this.#keep(({ pendingSince }) => pendingSince === null || pendingSince > expired);
    const { subscriptions } = this.#store.state;
    if (topicArn === undefined) return subscriptions;
    this.#refuseTopic(topicArn);
    return subscriptions.filter((subscription) => subscription.topicArn === topicArn);
  }

  /**
   * Returns a subscription.
   * @throws {AwsError} `NotFound` (404)
   */
  find(subscriptionArn: string): Subscription {
    const subscription = this.list().find(({ arn }) => arn === subscriptionArn);
    if (!subscription) throw new AwsError('NotFound', 'Subscription does not exist', 404);
    return subscription;
  }

  /**
   * Returns the subscription of an address to a topic, and creates it if there is none. A new
   * subscription is pending. Each further call for a pending subscription restarts its 48 hours.
   * @throws {AwsError} if the address has a subscription with other attributes, or if SNS refuses
   * the filter policy
   */
  async subscribe(
    topicArn: string,
    endpoint: string,
    attributes: SubscriptionAttributes,
  ): Promise<Subscription> {
    const siblings = this.list(topicArn);
    const existing = siblings.find((sibling) => sibling.endpoint === endpoint);
    const subscription: Subscription = existing ?? {
      arn: `${topicArn}:${randomUUID()}`,
      topicArn,
      endpoint,
      token: randomBytes(32).toString('hex'),
      pendingSince: this.#clock.now(),
      filterPolicy: attributes.FilterPolicy,
      filterPolicyScope: attributes.FilterPolicyScope ?? 'MessageAttributes',
    };
    const { filterPolicy, filterPolicyScope, pendingSince } = subscription;
    const { FilterPolicy = filterPolicy, FilterPolicyScope = filterPolicyScope } = attributes;
    if (FilterPolicy !== filterPolicy || FilterPolicyScope !== filterPolicyScope) {
      throw invalidParameter('Attributes', 'Subscription already exists with different attributes');
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
    if (pendingSince !== null) await this.awaitConfirmation(subscription);
    return subscription;
  }

  /** Makes a subscription pending, for 48 hours from now. */
  async awaitConfirmation(subscription: Subscription): Promise<void> {
    subscription.pendingSince = this.#clock.now();
    await this.#store.save();
  }

  /**
   * Confirms the subscription that has the token.
   * @throws {AwsError} `InvalidParameter` if no subscription of the topic has the token
   */
  async confirm(topicArn: string, token: string): Promise<Subscription> {
    if (!validate(topicArn) || this.#isElsewhere(topicArn)) throw invalidParameter('Topic');
    if (!/^[0-9a-f]{64,}$/.test(token)) throw new AwsError('InvalidParameter', 'Invalid token');
    const subscription = this.list().find(
      (candidate) => candidate.topicArn === topicArn && candidate.token === token,
    );
    if (!subscription) throw invalidParameter('Token');
    subscription.pendingSince = null;
    await this.#store.save();
    return subscription;
  }

  /**
   * Deletes a subscription. Idempotent, as in AWS: a missing subscription is not an error.
   * @throws {AwsError} `InvalidParameter` if it is pending
   */
  async delete(subscriptionArn: string): Promise<void> {
    const subscription = this.list().find(({ arn }) => arn === subscriptionArn);
    if (subscription && subscription.pendingSince !== null) {
      const reason = 'Cannot unsubscribe a subscription that is pending confirmation';
      throw invalidParameter('SubscriptionArn', reason);
    }
    this.#keep(({ arn }) => arn !== subscriptionArn);
    await this.#store.save();
  }

  /** Returns whether a subscription is confirmed and its filter policy accepts a message. */
  receives(subscription: Subscription, message: FilteredMessage): boolean {
    return subscription.pendingSince === null && this.#filter(subscription)(message);
  }

  #refuseTopic(topicArn: string): void {
    refuseMalformedArn('TopicArn', topicArn);
    if (this.#isElsewhere(topicArn)) throw invalidParameter('TopicArn');
    if (!this.#topics.includes(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
  }

  /** Returns whether an ARN has another Region than the topics. */
  #isElsewhere(arn: string): boolean {
    const [topic] = this.#topics;
    return topic !== undefined && validate(arn) && parse(arn).region !== parse(topic).region;
  }

  #keep(isKept: (subscription: Subscription) => boolean): void {
    const { state } = this.#store;
    state.subscriptions = state.subscriptions.filter(isKept);
  }

  /**
   * Returns the compiled filter policy.
   * @throws {AwsError} `InvalidParameter` for a policy that SNS refuses
   */
  #filter({ filterPolicy = '{}', filterPolicyScope }: Subscription) {
    const key = `${filterPolicyScope} ${filterPolicy}`;
    const filter = this.#filters.get(key) ?? compileFilterPolicy(filterPolicy, filterPolicyScope);
    this.#filters.set(key, filter);
    return filter;
  }
}
