import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { messageOperations } from './message-operations.ts';
import type { Queue } from './queue.ts';
import { queueOperations } from './queue-operations.ts';
import type { QueueProperties } from './queue-resource.ts';
import { Queues } from './queues.ts';

interface SqsOptions {
  resources: readonly Resource<QueueProperties>[];
  /** The folder of the messages, which survive a restart. */
  folder: string;
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

  private constructor(queues: Queues, { awsUrl, clock }: SqsOptions) {
    this.queues = queues.list;
    this.#operations = new Map(
      Object.entries({ ...messageOperations(queues), ...queueOperations(queues, awsUrl, clock) }),
    );
  }

  /**
   * Opens the queues with the messages that were kept.
   * @throws {Error} one line, if the dead-letter queue of a queue does not exist
   */
  static async open(options: SqsOptions): Promise<Sqs> {
    return new Sqs(await Queues.open(options), options);
  }

  async call(name: string, input: unknown): Promise<object> {
    const run = this.#operations.get(name);
    if (!run) throw new AwsError('InvalidAction', `The local SQS does not support ${name}.`);
    return run(input);
  }
}
