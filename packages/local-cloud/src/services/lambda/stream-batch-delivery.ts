import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type Clock, sleep } from '../../core/clock.ts';
import type { SendDeadLetter } from '../../core/dead-letter.ts';
import { runHop, streamOf } from '../../core/hop.ts';
import type { Log } from '../../core/log.ts';
import type { Cause } from '../../core/trace.ts';
import { RETENTION_SECONDS, SHARD_ID, type Stream, type StreamRecord } from '../dynamodb/stream.ts';
import type { InvocationResult } from './execution-environment.ts';
import type { LambdaFunction } from './function.ts';
import type { EventSourceMappingProperties } from './lambda-resources.ts';
import { type BatchEntry, causeOfBatch } from './stream-batch.ts';

export interface StreamBatchServices {
  clock: Clock;
  log: Log;
  sendDeadLetter: SendDeadLetter;
  /** @throws {AwsError} if the function's role does not allow the action on the resource, an ARN */
  authorizeRole: (functionName: string, action: string, resource: string) => void;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

const BatchResponse = z.nullish(
  z.looseObject({
    batchItemFailures: z.nullish(z.array(z.looseObject({ itemIdentifier: z.nullish(z.string()) }))),
  }),
);

/** The earlier attempts at a batch. */
interface History {
  /** The number of retries of the function after an error. */
  retries: number;
  invocations: number;
  /** The response of the last invocation, in the fields of the failure record. */
  response?: object;
}

/** Invokes a function with the batches of a stream. */
export class StreamBatchDelivery {
  readonly #stream: Stream;
  readonly #target: LambdaFunction;
  readonly #settings: EventSourceMappingProperties;
  readonly #services: StreamBatchServices;

  constructor(
    stream: Stream,
    target: LambdaFunction,
    settings: EventSourceMappingProperties,
    services: StreamBatchServices,
  ) {
    this.#stream = stream;
    this.#target = target;
    this.#settings = settings;
    this.#services = services;
  }

  /**
   * Invokes the function with a batch, with retries, and resolves once each record is done:
   * processed, or given up and sent to the failure destination. Only errors of the function count
   * as retries. An invocation that Lambda refuses is repeated until the records are too old.
   * Splitting a batch is no retry.
   * Source: AWS Lambda Developer Guide, "Retain discarded records for a DynamoDB event source in
   * Lambda" and "Configuring partial batch response with DynamoDB and Lambda".
   */
  async deliver(records: BatchEntry[], before: History = { retries: 0, invocations: 0 }): Promise<void> {
    const { clock, log } = this.#services;
    const { BisectBatchOnFunctionError: bisects, MaximumRetryAttempts } = this.#settings;
    const history = { ...before };
    let batch = records;
    let delay = FIRST_RETRY_MS;
    for (;;) {
      const tooOld = batch.slice(0, this.#countTooOld(batch));
      if (tooOld.length > 0) await this.#giveUp(tooOld, 'RecordAgeExceeded', history);
      batch = batch.slice(tooOld.length);
      if (batch.length === 0) return;

      const result = await this.#invoke(batch);
      if (result) {
        history.invocations++;
        history.response = {
          statusCode: 200,
          executedVersion: this.#target.version,
          ...(!result.ok && { functionError: 'Unhandled' }),
        };
        const done = this.#countDone(result, batch);
        batch = batch.slice(done);
        if (batch.length === 0) return;
        // Splits at the record that the function reported.
        if (bisects && done > 0) continue;
        if (bisects && !result.ok && batch.length > 1) {
          const middle = Math.ceil(batch.length / 2);
          await this.deliver(batch.slice(0, middle), history);
          return this.deliver(batch.slice(middle), history);
        }
        if (MaximumRetryAttempts >= 0 && history.retries >= MaximumRetryAttempts)
          return this.#giveUp(batch, 'RetryAttemptsExhausted', history);
        history.retries++;
      }
      log.warn(
        this.#target.label,
        `a batch of ${batch.length} stream records failed, retry in ${delay / 1000} s`,
      );
      await sleep(clock, delay);
      delay = Math.min(2 * delay, LAST_RETRY_MS);
    }
  }

  /**
   * Invokes the function once with a batch.
   * @throws {Error} with the reason, unless the function processes every record
   */
  async deliverOnce(batch: BatchEntry[], cause: Cause): Promise<void> {
    const { label } = this.#target;
    const result = await this.#target.invoke(payloadOf(batch), { name: this.#invoker, cause });
    if (!result.ok) throw new Error(`${result.errorType}: ${result.errorMessage}`);
    const left = batch.length - this.#countDone(result, batch);
    if (left > 0)
      throw new Error(`${label} reported that it did not process ${left} of ${batch.length} records.`);
  }

  get #invoker(): string {
    return streamOf(this.#stream.tableName);
  }

  /**
   * Returns how many records at the front of the batch exceed their maximum age or the retention of
   * the stream.
   */
  #countTooOld(batch: BatchEntry[]): number {
    const { MaximumRecordAgeInSeconds } = this.#settings;
    const limit = MaximumRecordAgeInSeconds < 0 ? RETENTION_SECONDS : MaximumRecordAgeInSeconds;
    const horizon = this.#services.clock.now() / 1000 - Math.min(limit, RETENTION_SECONDS);
    const young = batch.findIndex(({ record }) => record.dynamodb.ApproximateCreationDateTime >= horizon);
    return young === -1 ? batch.length : young;
  }

  /** Invokes the function; `undefined` if Lambda did not accept the event. */
  async #invoke(batch: BatchEntry[]): Promise<InvocationResult | undefined> {
    try {
      return await this.#target.invoke(payloadOf(batch), {
        name: this.#invoker,
        cause: causeOfBatch(batch),
        queued: true,
      });
    } catch (error) {
      this.#services.log.warn(this.#target.label, `Lambda did not accept a batch of the stream: ${error}`);
      return undefined;
    }
  }

  /**
   * Returns how many records at the front of the batch are done: those before the lowest reported
   * failure.
   */
  #countDone(result: InvocationResult, batch: BatchEntry[]): number {
    if (!result.ok) return 0;
    if (this.#settings.FunctionResponseTypes.length === 0) return batch.length;
    const response = BatchResponse.safeParse(JSON.parse(result.payload));
    if (!response.success) return 0;
    const failures = response.data?.batchItemFailures ?? [];
    // An identifier that is not in the batch fails the whole batch, as in AWS: its index is -1.
    const positions = failures.map(({ itemIdentifier }) =>
      batch.findIndex(({ record }) => record.dynamodb.SequenceNumber === itemIdentifier),
    );
    return Math.max(0, Math.min(batch.length, ...positions));
  }

  /**
   * Reports records that will not be processed to the failure destination, as the function's role.
   */
  async #giveUp(batch: BatchEntry[], condition: string, history: History): Promise<void> {
    const { authorizeRole, clock, log, sendDeadLetter } = this.#services;
    log.error(this.#target.label, `a batch of ${batch.length} stream records was given up: ${condition}`);
    const [first, last] = [batch[0]?.record, batch.at(-1)?.record];
    const queue = this.#settings.DestinationConfig?.OnFailure?.Destination;
    if (!queue || !first || !last) return;
    const body = {
      requestContext: {
        requestId: randomUUID(),
        functionArn: this.#target.invokedArn,
        condition,
        approximateInvokeCount: history.invocations,
      },
      ...(history.response && { responseContext: history.response }),
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId: SHARD_ID,
        startSequenceNumber: first.dynamodb.SequenceNumber,
        endSequenceNumber: last.dynamodb.SequenceNumber,
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: batch.length,
        streamArn: this.#stream.arn,
      },
    };
    await sendDeadLetter({
      queueArn: queue,
      body: JSON.stringify(body),
      attributes: {},
      authorize: () => authorizeRole(this.#target.name, 'sqs:SendMessage', queue),
      failed: { hop: runHop(this.#invoker, this.#target.label), cause: causeOfBatch(batch) },
    });
  }
}

function payloadOf(batch: BatchEntry[]): string {
  return `{"Records":[${batch.map(({ json }) => json).join()}]}`;
}

/** Returns the arrival of a record, e.g. `2026-01-31T09:30:00Z`. */
function arrival({ dynamodb }: StreamRecord): string {
  return new Date(dynamodb.ApproximateCreationDateTime * 1000).toISOString().replace('.000', '');
}
