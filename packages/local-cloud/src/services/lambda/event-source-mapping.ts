import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import { sleep } from '../../core/clock.ts';
import { streamReadHop } from '../../core/hop.ts';
import type { Journal, Section } from '../../core/journal.ts';
import { type PassageServices, pass } from '../../core/passage.ts';
import type { Cause } from '../../core/trace.ts';
import type { Stream, StreamRecord } from '../dynamodb/stream.ts';
import { compileEventPattern } from '../eventbridge/event-pattern.ts';
import type { LambdaFunction } from './function.ts';
import type { EventSourceMappingProperties } from './lambda-resources.ts';
import { type BatchEntry, causedBy, causeOfRecords, StreamBatchReader } from './stream-batch.ts';
import { StreamBatchDelivery, type StreamBatchServices } from './stream-batch-delivery.ts';

interface EventSourceMappingServices extends StreamBatchServices, PassageServices {
  /** Keeps the positions of the mappings. */
  journal: Journal;
}

/** The sequence number of the last record that is done. */
const Position = z.string();

const READING_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
const AUTHORIZATION_RETRY_MS = 60_000;
const READING_RETRY_MS = 1_000;

/**
 * Reads a DynamoDB stream and invokes a function with batches of its records. The records of an
 * item stay in order: a batch starts after the previous one is done. With a
 * `ParallelizationFactor`, there are that many such sequences, and each item belongs to one of
 * them.
 * Source: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB".
 */
export class EventSourceMapping {
  readonly #stream: Stream;
  readonly #target: LambdaFunction;
  readonly #settings: EventSourceMappingProperties;
  readonly #services: EventSourceMappingServices;
  readonly #delivery: StreamBatchDelivery;
  readonly #passesFilters: (record: StreamRecord) => boolean;
  readonly #positions: Section<typeof Position>;
  readonly #readers: StreamBatchReader[] = [];

  /** @throws {InvalidEventPattern} for a filter that is not a valid pattern */
  constructor(
    stream: Stream,
    target: LambdaFunction,
    settings: EventSourceMappingProperties,
    services: EventSourceMappingServices,
  ) {
    this.#stream = stream;
    this.#target = target;
    this.#settings = settings;
    this.#services = services;
    this.#positions = services.journal.section('stream-positions', Position);
    this.#delivery = new StreamBatchDelivery(stream, target, settings, services);
    const filters = settings.FilterCriteria.Filters.map(({ Pattern }) => compileEventPattern(Pattern));
    this.#passesFilters = (record) => filters.length === 0 || filters.some((matches) => matches(record));
  }

  /**
   * Starts to read, where the previous process ended if there was one. Does nothing if the mapping
   * is disabled.
   */
  start(): void {
    const { Enabled, ParallelizationFactor, StartingPosition } = this.#settings;
    if (!Enabled) return;
    const { latest } = this.#stream;
    const kept = this.#positions.left.get(this.#id);
    // A clock that starts anew can be behind the one of the previous process, and so can the numbers.
    const reached = kept !== undefined && BigInt(kept) > BigInt(latest) ? latest : kept;
    const after = reached ?? (StartingPosition === 'LATEST' ? latest : undefined);
    if (after !== undefined) this.#positions.put(this.#id, after);
    const allowed = this.#mayRead();
    for (let lane = 0; lane < ParallelizationFactor; lane++) {
      // The reader exists before the permission does, so that the stream keeps what it has not
      // read.
      const reader = this.#reader(lane, after);
      this.#readers.push(reader);
      const reading = allowed.then(() => this.#read(reader));
      inBackground(this.#target.label, reading, this.#services.log);
    }
  }

  /** Returns whether the mapping invokes this function with the records of this stream. */
  connects(streamArn: string, functionArn: string): boolean {
    return this.#stream.arn === streamArn && this.#target.invokedArn === functionArn;
  }

  /**
   * Invokes the function once with the records between two sequence numbers, both included. Leaves
   * the positions of the mapping as they are.
   * @throws {Error} with the reason, if the stream no longer has the records, or the function does
   * not process them
   */
  async deliverOnce(first: string, last: string, cause: Cause): Promise<void> {
    const { ParallelizationFactor } = this.#settings;
    const [oldest, ...others] = this.#stream.between(first, last);
    if (oldest?.record.dynamodb.SequenceNumber !== first)
      throw new Error('The stream no longer has the records of the batch: it keeps them for 24 hours.');
    const lane = laneOf(oldest.record, ParallelizationFactor);
    const batch = [oldest, ...others]
      .filter(({ record }) => laneOf(record, ParallelizationFactor) === lane && this.#passesFilters(record))
      .map((entry) => ({ ...entry, json: JSON.stringify(entry.record) }));
    await this.#delivery.deliverOnce(batch, cause);
  }

  /**
   * Resolves once the function's role allows the reads. AWS refuses to create a mapping that lacks
   * a permission, and keeps retrying for one that loses it later. Here both retry, so that the flow
   * shows each missing permission.
   */
  async #mayRead(): Promise<void> {
    const { authorizeRole, clock, log } = this.#services;
    for (;;) {
      try {
        for (const action of READING_ACTIONS)
          authorizeRole(this.#target.name, `dynamodb:${action}`, this.#stream.arn);
        return;
      } catch (error) {
        const again = `retry in ${AUTHORIZATION_RETRY_MS / 1000} s`;
        log.error(
          this.#target.label,
          `cannot read the stream of ${this.#stream.tableName}, ${again}: ${error}`,
        );
        await sleep(clock, AUTHORIZATION_RETRY_MS);
      }
    }
  }

  #reader(lane: number, after: string | undefined): StreamBatchReader {
    const { BatchSize, MaximumBatchingWindowInSeconds, ParallelizationFactor } = this.#settings;
    const { faults } = this.#services;
    return new StreamBatchReader(
      this.#stream,
      {
        after,
        wants: (record) => laneOf(record, ParallelizationFactor) === lane && this.#passesFilters(record),
        // With faults on, each record is a batch: which records arrive together is random.
        get batchSize() {
          return faults.active ? 1 : BatchSize;
        },
        windowMs: MaximumBatchingWindowInSeconds * 1000,
      },
      this.#services.clock,
    );
  }

  async #read(reader: StreamBatchReader): Promise<void> {
    for (;;) {
      await this.#receive(await reader.next());
      reader.finish();
      this.#keepPosition();
    }
  }

  /** Keeps the position before which all sequences are done. */
  #keepPosition(): void {
    const positions = this.#readers.map(({ done }) => done);
    if (positions.every((position) => position !== undefined))
      this.#positions.put(
        this.#id,
        positions.reduce((one, other) => (one < other ? one : other)),
      );
  }

  get #id(): string {
    return `${this.#target.name} ${this.#stream.arn}`;
  }

  /**
   * Processes a batch, with the faults that are switched on for reads of the stream. Reads a failed
   * batch again.
   */
  async #receive(batch: BatchEntry[]): Promise<void> {
    const { clock, log } = this.#services;
    const { label } = this.#target;
    const hop = streamReadHop(this.#stream.tableName);
    const point = { hop, service: 'dynamodb', operation: 'GetRecords', function: label };
    const payload = (number: string): string =>
      batch.find(({ record }) => record.dynamodb.SequenceNumber === number)?.json ?? '';
    for (;;) {
      try {
        const cause = causeOfRecords(batch);
        return await pass(this.#services, point, cause, {
          step: { kind: 'stream', to: this.#stream.arn, payload },
          act: (own = cause) => this.#delivery.deliver(causedBy(batch, own)),
        });
      } catch (error) {
        log.warn(label, `the stream of ${this.#stream.tableName} could not be read: ${error}`);
        await sleep(clock, READING_RETRY_MS);
      }
    }
  }
}

/**
 * Returns the parallel sequence that an item belongs to. All records have the attributes of their
 * key in the same order.
 */
function laneOf({ dynamodb }: StreamRecord, lanes: number): number {
  if (lanes === 1) return 0;
  return createHash('md5').update(JSON.stringify(dynamodb.Keys)).digest().readUInt32BE(0) % lanes;
}
