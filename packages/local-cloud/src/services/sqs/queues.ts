import type { Clock } from '../../core/clock.ts';
import type { Journal } from '../../core/journal.ts';
import { AwsError } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { Message, Queue } from './queue.ts';
import { queueName } from './queue-arn.ts';
import type { QueueProperties } from './queue-resource.ts';

interface QueuesOptions {
  resources: readonly Resource<QueueProperties>[];
  /** Keeps the messages. */
  journal: Journal;
  clock: Clock;
}

/** The queues of the template. */
export class Queues {
  readonly list: readonly Queue[];

  /** @throws {Error} one line, if the dead-letter queue of a queue does not exist */
  constructor({ resources, journal, clock }: QueuesOptions) {
    this.list = resources.map((resource) => {
      const kept = journal.section(`queue-${resource.name}`, Message);
      return new Queue(resource, kept, clock, (arn) => this.find(arn));
    });
    for (const { logicalId, properties } of resources) {
      const target = properties.RedrivePolicy?.deadLetterTargetArn;
      if (target !== undefined && !this.list.some(({ arn }) => arn === target))
        throw new Error(`${logicalId}: RedrivePolicy: there is no queue ${target}.`);
    }
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
}
