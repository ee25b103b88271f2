import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type Clock, sleep } from '../clock.ts';
import type { SendDeadLetter } from '../dead-letter.ts';
import type { Stream, StreamRecord } from '../dynamodb/stream.ts';
import { compileEventPattern, type EventMatcher } from '../eventbridge/event-pattern.ts';
import type { Log } from '../log.ts';
import type { InvocationResult } from './execution-environment.ts';
import type { LambdaFunction } from './function.ts';
import type { EventSourceMappingProperties } from './lambda-resources.ts';

export interface EventSourceMappingServices {
  clock: Clock;
  log: Log;
  sendDeadLetter: SendDeadLetter;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

const BatchResponse = z.nullish(
  z.looseObject({
    batchItemFailures: z.nullish(z.array(z.looseObject({ itemIdentifier: z.nullish(z.string()) }))),
  }),
);

/**
 * Reads a DynamoDB stream from its start and invokes a function with batches of its records, in order. A batch blocks
 * those behind it until it succeeds, or is given up and told to the failure destination.
 * Source: AWS Lambda Developer Guide, "Process DynamoDB records with Lambda" and "Retain discarded batch records".
 */
export class EventSourceMapping {
  readonly #stream: Stream;
  readonly #target: LambdaFunction;
  readonly #settings: EventSourceMappingProperties;
  readonly #filters: EventMatcher[];
  readonly #services: EventSourceMappingServices;
  #checkpoint: string | undefined;
  #reading = false;

  constructor(
    stream: Stream,
    target: LambdaFunction,
    settings: EventSourceMappingProperties,
    services: EventSourceMappingServices,
  ) {
    this.#stream = stream;
    this.#target = target;
    this.#settings = settings;
    // A record that passes none of the filters is skipped; no filters pass every record.
    this.#filters = settings.FilterCriteria.Filters.map(({ Pattern }) => compileEventPattern(Pattern));
    this.#services = services;
  }

  start(): void {
    this.#stream.onAppend(() => void this.#read());
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    for (;;) {
      const records = this.#stream.read(this.#checkpoint, this.#settings.BatchSize);
      const last = records.at(-1);
      if (!last) break;
      const wanted = records.filter(
        (record) => this.#filters.length === 0 || this.#filters.some((matches) => matches(record)),
      );
      if (wanted.length > 0) await this.#deliver(wanted);
      this.#checkpoint = last.dynamodb.SequenceNumber;
    }
    this.#reading = false;
  }

  async #deliver(records: StreamRecord[]): Promise<void> {
    const { clock, log } = this.#services;
    const { MaximumRetryAttempts, MaximumRecordAgeInSeconds, BisectBatchOnFunctionError } = this.#settings;
    let batch = records;
    for (let attempt = 0; ; attempt++) {
      const result = await this.#target.invoke(JSON.stringify({ Records: batch }));
      const done = this.#succeeded(result, batch);
      batch = batch.slice(done);
      const [oldest] = batch;
      if (!oldest) return;
      if (!result.ok && BisectBatchOnFunctionError && batch.length > 1) {
        // Splitting does not count as a retry.
        const middle = Math.ceil(batch.length / 2);
        await this.#deliver(batch.slice(0, middle));
        await this.#deliver(batch.slice(middle));
        return;
      }
      const age = clock.now() / 1000 - oldest.dynamodb.ApproximateCreationDateTime;
      // -1 stands for no limit.
      const tooOld = MaximumRecordAgeInSeconds >= 0 && age > MaximumRecordAgeInSeconds;
      const exhausted = MaximumRetryAttempts >= 0 && attempt >= MaximumRetryAttempts;
      if (tooOld || exhausted) {
        log.error(this.#target.label, `a batch of ${batch.length} stream records was given up`);
        await this.#tellFailureDestination(
          batch,
          tooOld ? 'RecordAgeExceeded' : 'RetryAttemptsExhausted',
          attempt + 1,
        );
        return;
      }
      log.warn(this.#target.label, `a batch of ${batch.length} stream records failed and is tried again`);
      await sleep(clock, Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS));
    }
  }

  /** How many records from the front of the batch are done with: those before the lowest that was reported. */
  #succeeded(result: InvocationResult, batch: StreamRecord[]): number {
    if (!result.ok) return 0;
    if (this.#settings.FunctionResponseTypes.length === 0) return batch.length;
    const response = BatchResponse.safeParse(JSON.parse(result.payload));
    if (!response.success) return 0;
    const failures = response.data?.batchItemFailures ?? [];
    // An identifier that is not in the batch makes the whole batch a failure, as in AWS: its index is -1.
    const positions = failures.map(({ itemIdentifier }) =>
      batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
    );
    return Math.max(0, Math.min(batch.length, ...positions));
  }

  async #tellFailureDestination(
    batch: StreamRecord[],
    condition: string,
    invokeCount: number,
  ): Promise<void> {
    const [first, last] = [batch[0], batch.at(-1)];
    const queue = this.#settings.DestinationConfig?.OnFailure?.Destination;
    if (!queue || !first || !last) return;
    const { clock, sendDeadLetter } = this.#services;
    const arrival = ({ dynamodb }: StreamRecord) =>
      new Date(dynamodb.ApproximateCreationDateTime * 1000).toISOString();
    await sendDeadLetter(
      queue,
      JSON.stringify({
        requestContext: {
          requestId: randomUUID(),
          functionArn: this.#target.arn,
          condition,
          approximateInvokeCount: invokeCount,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: new Date(clock.now()).toISOString(),
        DDBStreamBatchInfo: {
          shardId: 'shardId-00000000000000000000-00000000',
          startSequenceNumber: first.dynamodb.SequenceNumber,
          endSequenceNumber: last.dynamodb.SequenceNumber,
          approximateArrivalOfFirstRecord: arrival(first),
          approximateArrivalOfLastRecord: arrival(last),
          batchSize: batch.length,
          streamArn: this.#stream.arn,
        },
      }),
    );
  }
}
