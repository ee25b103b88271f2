import type { Operation } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { EmailServices } from './email-delivery.ts';
import { confirmationMail } from './mails.ts';
import { operation } from './operation.ts';
import { Publish, Publisher } from './publisher.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { Subscriptions } from './subscriptions.ts';
import { topicOperations } from './topic-operations.ts';
import type { TopicProperties } from './topic-resource.ts';

interface SnsOptions extends EmailServices {
  resources: readonly Resource<TopicProperties>[];
  /** Where the subscriptions outlive the process. */
  folder: string;
  /** Where the AWS APIs and the pages behind the mails' links are served, without trailing slash. */
  awsUrl: string;
}

/**
 * Amazon SNS: topics whose subscribers get e-mail. Shapes and errors are those of the "Amazon SNS API Reference".
 * Unless a fault delays it, a message is in the inbox of each subscriber whose filter policy it passes before `Publish`
 * answers.
 */
export class Sns implements Service {
  readonly #operations: ReadonlyMap<string, Operation>;

  private constructor(operations: Record<string, Operation>) {
    this.#operations = new Map(Object.entries(operations));
  }

  static async open({ resources, folder, awsUrl, ...services }: SnsOptions): Promise<Sns> {
    const topics = resources.map(({ arn }) => arn);
    const subscriptions = await Subscriptions.open({ topics, folder, clock: services.clock });
    const publisher = new Publisher({ ...services, subscriptions, awsUrl });
    return new Sns({
      ...topicOperations(topics, subscriptions),
      ...subscriptionOperations(subscriptions, (subscription) =>
        services.mailbox.deliver(confirmationMail(awsUrl, subscription)),
      ),
      Publish: operation(Publish, (input, cause) => publisher.publish(input, cause)),
    });
  }

  async call(name: string, input: unknown, cause?: Cause): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`);
    return run(input, cause);
  }
}
