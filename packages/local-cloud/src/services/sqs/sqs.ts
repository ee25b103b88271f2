import type { Clock } from '../../core/clock.ts';
import type { Journal } from '../../core/journal.ts';
import type { Operation } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import { messageOperations } from './message-operations.ts';
import type { Queue } from './queue.ts';
import { queueOperations } from './queue-operations.ts';
import type { QueueProperties } from './queue-resource.ts';
import { Queues } from './queues.ts';

interface SqsOptions {
  resources: readonly Resource<QueueProperties>[];
  /** Keeps the messages, so that they survive a restart. */
  journal: Journal;
  /** The URL of the AWS APIs, without a trailing slash. */
  awsUrl: string;
  clock: Clock;
}

/**
 * Emulates Amazon SQS, standard queues only. Shapes and errors follow the "Amazon SQS API
 * Reference", JSON protocol.
 */
export class Sqs implements Service {
  /** Every queue with its messages, in flight or not. */
  readonly queues: readonly Queue[];
  readonly #operations: ReadonlyMap<string, Operation>;

  /** @throws {Error} one line, if the dead-letter queue of a queue does not exist */
  constructor({ awsUrl, clock, journal, resources }: SqsOptions) {
    const queues = new Queues({ clock, journal, resources });
    this.queues = queues.list;
    this.#operations = new Map(
      Object.entries({ ...messageOperations(queues), ...queueOperations(queues, awsUrl, clock) }),
    );
  }

  async call(name: string, input: unknown, cause?: Cause): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The local SQS does not support ${name}.`);
    return run(input, cause);
  }
}
