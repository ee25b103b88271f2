import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { AwsError } from '../../core/service.ts';
import { Store } from '../../core/store.ts';
import type { Resource } from '../../template/resource.ts';
import { Message, Queue } from './queue.ts';
import { queueName } from './queue-arn.ts';
import type { QueueProperties } from './queue-resource.ts';

/** The messages of each queue, by its name. */
const State = z.record(z.string(), z.array(Message));

interface QueuesOptions {
  resources: readonly Resource<QueueProperties>[];
  /** The folder of the messages, which survive a restart. */
  folder: string;
  clock: Clock;
}

/** The queues of the template, and the store of their messages. */
export class Queues {
  readonly list: readonly Queue[];
  readonly #store: Store<z.infer<typeof State>>;

  private constructor({ resources, clock }: QueuesOptions, store: Store<z.infer<typeof State>>) {
    this.list = resources.map((resource) => {
      const messages = store.state[resource.name] ?? [];
      store.state[resource.name] = messages;
      return new Queue(resource, messages, clock, (arn) => this.find(arn));
    });
    for (const { logicalId, properties } of resources) {
      const target = properties.RedrivePolicy?.deadLetterTargetArn;
      if (target !== undefined && !this.list.some(({ arn }) => arn === target))
        throw new Error(`${logicalId}: RedrivePolicy: there is no queue ${target}.`);
    }
    this.#store = store;
  }

  /**
   * Opens the queues with the messages that were kept.
   * @throws {Error} one line, if the dead-letter queue of a queue does not exist
   */
  static async open(options: QueuesOptions): Promise<Queues> {
    return new Queues(options, await Store.open(join(options.folder, 'sqs.json'), State, {}));
  }

  /**
   * Returns a queue.
   * @param reference a queue's name, ARN or URL
   * @throws {AwsError} `QueueDoesNotExist`
   */
  find(reference: string): Queue {
    const name = queueName(reference);
    const queue = this.list.find((candidate) => candidate.name === name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  /** Resolves once every change so far survives a restart. */
  save(): Promise<void> {
    return this.#store.save();
  }
}
