import type { Journal } from '../../core/journal.ts';
import type { Operation } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import { EmailDeliveries, type EmailServices } from './email-delivery.ts';
import { confirmationMail } from './mails.ts';
import { operation } from './operation.ts';
import { Publish, Publisher } from './publisher.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { Subscriptions } from './subscriptions.ts';
import { topicOperations } from './topic-operations.ts';
import type { TopicProperties } from './topic-resource.ts';

interface SnsOptions extends EmailServices {
  resources: readonly Resource<TopicProperties>[];
  /**
   * The URL of the AWS APIs and of the pages behind the e-mails' links, without a trailing slash.
   */
  awsUrl: string;
}

/**
 * Emulates Amazon SNS: topics with e-mail subscriptions. Shapes and errors follow the "Amazon SNS
 * API Reference". Unless a fault delays it, a message is in the inboxes of all subscribers whose
 * filter policies accept it before `Publish` responds.
 */
export class Sns implements Service {
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #emails: EmailDeliveries;
  readonly #journal: Journal;
  readonly #subscriptions: Subscriptions;

  constructor({ resources, awsUrl, ...services }: SnsOptions) {
    const topics = resources.map(({ arn }) => arn);
    const subscriptions = new Subscriptions({ ...services, topics });
    const emails = new EmailDeliveries(services);
    const publisher = new Publisher({ ...services, emails, subscriptions, awsUrl });
    const operations: Record<string, Operation> = {
      ...topicOperations(topics, subscriptions),
      ...subscriptionOperations(subscriptions, (subscription) =>
        services.mailbox.deliver(confirmationMail(awsUrl, subscription)),
      ),
      Publish: operation(Publish, (input, cause) => publisher.publish(input, cause)),
    };
    this.#operations = new Map(Object.entries(operations));
    this.#emails = emails;
    this.#journal = services.journal;
    this.#subscriptions = subscriptions;
  }

  /** Continues with the e-mails that were not delivered when the previous process ended. */
  resume(): void {
    this.#emails.resume();
  }

  /**
   * Subscribes an e-mail address of the template, unless an earlier start has. The address receives the
   * e-mail by which it confirms.
   */
  async subscribeOnce({
    TopicArn,
    Protocol,
    Endpoint,
  }: Record<'TopicArn' | 'Protocol' | 'Endpoint', string>) {
    const isThere = this.#subscriptions.list(TopicArn).some(({ endpoint }) => endpoint === Endpoint);
    if (!isThere) await this.call('Subscribe', { TopicArn, Protocol, Endpoint });
  }

  async call(name: string, input: unknown, cause?: Cause): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The local SNS does not support ${name}.`);
    const answer = await run(input, cause);
    // For the pages behind the links in e-mails, whose answers the AWS port sends at once.
    await this.#journal.written();
    return answer;
  }
}
