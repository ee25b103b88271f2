import { randomBytes, randomUUID } from 'node:crypto';
import { parse, validate } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { Journal, Section } from '../../core/journal.ts';
import { AwsError } from '../../core/service.ts';
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

/** The lifetime of a token and of a pending subscription. Source: API Reference, `Subscribe`. */
const PENDING_MS = 48 * 3600 * 1000;
/** Source: SNS Developer Guide, "Filter policy constraints in Amazon SNS". */
const FILTER_POLICIES_PER_TOPIC = 200;

interface SubscriptionsOptions {
  /** The ARNs of the topics. */
  topics: readonly string[];
  /** Keeps the subscriptions. */
  journal: Journal;
  clock: Clock;
}

/** The subscriptions of all topics. A subscription is deleted if it stays pending for 48 hours. */
export class Subscriptions {
  readonly #topics: readonly string[];
  readonly #clock: Clock;
  readonly #kept: Section<typeof Subscription>;
  #subscriptions: Subscription[];
  readonly #filters = new Map<string, ReturnType<typeof compileFilterPolicy>>();

  constructor({ topics, clock, journal }: SubscriptionsOptions) {
    this.#topics = topics;
    this.#clock = clock;
    this.#kept = journal.section('subscriptions', Subscription);
    this.#subscriptions = [...this.#kept.left.values()];
  }

  /**
   * Returns the subscriptions of a topic, or of every topic.
   * @throws {AwsError} `NotFound` (404) if the topic does not exist, `InvalidParameter` if its ARN is
   * malformed or of another Region
   */
  list(topicArn?: string): readonly Subscription[] {
    const expired = this.#clock.now() - PENDING_MS;
    this.#retain(({ pendingSince }) => pendingSince === null || pendingSince > expired);
    if (topicArn === undefined) return this.#subscriptions;
    this.#refuseTopic(topicArn);
    return this.#subscriptions.filter((subscription) => subscription.topicArn === topicArn);
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
  subscribe(topicArn: string, endpoint: string, attributes: SubscriptionAttributes): Subscription {
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
      this.#subscriptions.push(subscription);
    }
    if (pendingSince !== null) this.awaitConfirmation(subscription);
    return subscription;
  }

  /** Makes a subscription pending, for 48 hours from now. */
  awaitConfirmation(subscription: Subscription): void {
    subscription.pendingSince = this.#clock.now();
    this.#keep(subscription);
  }

  /**
   * Confirms the subscription that has the token.
   * @throws {AwsError} `InvalidParameter` if no subscription of the topic has the token
   */
  confirm(topicArn: string, token: string): Subscription {
    if (!validate(topicArn) || this.#isElsewhere(topicArn)) throw invalidParameter('Topic');
    if (!/^[0-9a-f]{64,}$/.test(token)) throw new AwsError('InvalidParameter', 'Invalid token');
    const subscription = this.list().find(
      (candidate) => candidate.topicArn === topicArn && candidate.token === token,
    );
    if (!subscription) throw invalidParameter('Token');
    subscription.pendingSince = null;
    this.#keep(subscription);
    return subscription;
  }

  /**
   * Deletes a subscription. Idempotent, as in AWS: a missing subscription is not an error.
   * @throws {AwsError} `InvalidParameter` if it is pending
   */
  delete(subscriptionArn: string): void {
    const subscription = this.list().find(({ arn }) => arn === subscriptionArn);
    if (subscription && subscription.pendingSince !== null) {
      const reason = 'Cannot unsubscribe a subscription that is pending confirmation';
      throw invalidParameter('SubscriptionArn', reason);
    }
    this.#retain(({ arn }) => arn !== subscriptionArn);
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

  #keep(subscription: Subscription): void {
    this.#kept.put(subscription.arn, { ...subscription });
  }

  /** Deletes all other subscriptions. */
  #retain(isRetained: (subscription: Subscription) => boolean): void {
    for (const subscription of this.#subscriptions)
      if (!isRetained(subscription)) this.#kept.delete(subscription.arn);
    this.#subscriptions = this.#subscriptions.filter(isRetained);
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
