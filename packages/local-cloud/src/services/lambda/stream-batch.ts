import { type Clock, sleep } from '../../core/clock.ts';
import type { Cause } from '../../core/trace.ts';
import type { Stream, StreamEntry, StreamReader, StreamRecord } from '../dynamodb/stream.ts';

/** A record of a batch, with the JSON that the function receives. */
export interface BatchEntry extends StreamEntry {
  json: string;
}

/**
 * An event has at most 6 MB ("Lambda quotas"); 10 KB of them are for the JSON around the records.
 */
const MAXIMUM_BYTES = 6 * 1024 * 1024 - 10_240;

/** The part of a stream that a reader reads, and the size of its batches. */
interface BatchSettings {
  /**
   * The sequence number before the first record to read; `undefined` starts at the oldest record.
   */
  after: string | undefined;
  /** Returns whether the reader processes a record. It skips the others. */
  wants: (record: StreamRecord) => boolean;
  batchSize: number;
  /** The time for which an incomplete batch waits for more records. */
  windowMs: number;
}

/**
 * Reads a stream in batches, from a given position. Records are filtered before they are batched:
 * Lambda "applies your filter criteria to each new event to determine whether to add it to the
 * current batch".
 * Source: AWS Lambda Developer Guide, "Control which events Lambda sends to your function", and
 * "Using AWS Lambda with Amazon DynamoDB", "Polling and batching streams".
 */
export class StreamBatchReader {
  readonly #stream: Stream;
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #reader: StreamReader;
  /** The sequence number of the last record that has been read. */
  #after: string | undefined;

  constructor(stream: Stream, settings: BatchSettings, clock: Clock) {
    this.#stream = stream;
    this.#settings = settings;
    this.#clock = clock;
    this.#reader = stream.reader(settings.after);
    this.#after = settings.after;
  }

  /**
   * The sequence number of the last record that is done, with all records before it; `undefined`
   * until the first record is done.
   */
  get done(): string | undefined {
    return this.#reader.after;
  }

  /** Marks the records of the batches so far as done. */
  finish(): void {
    this.#reader.after = this.#after;
  }

  /**
   * Waits for the next batch. It is complete at its maximum number of records, at 6 MB, or when the
   * window that its first record opened is over.
   */
  async next(): Promise<BatchEntry[]> {
    const { windowMs } = this.#settings;
    const batch: BatchEntry[] = [];
    let window: Promise<void> | undefined;
    let over = windowMs === 0;
    while (!this.#fill(batch) && !(over && batch.length > 0)) {
      if (batch.length > 0)
        window ??= sleep(this.#clock, windowMs).then(() => {
          over = true;
        });
      await Promise.race([this.#stream.appended(), ...(window ? [window] : [])]);
    }
    return batch;
  }

  /** Adds the available records to a batch. Returns whether it is full. */
  #fill(batch: BatchEntry[]): boolean {
    const { batchSize, wants } = this.#settings;
    let bytes = batch.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
    for (;;) {
      const entries = this.#stream.read(this.#after, batchSize);
      if (entries.length === 0) return false;
      for (const entry of entries) {
        if (wants(entry.record)) {
          const json = JSON.stringify(entry.record);
          bytes += Buffer.byteLength(json) + 1;
          if (bytes > MAXIMUM_BYTES && batch.length > 0) return true;
          batch.push({ ...entry, json });
        }
        this.#after = entry.record.dynamodb.SequenceNumber;
        if (batch.length === 0) this.finish();
        if (batch.length === batchSize) return true;
      }
    }
  }
}

/** Returns the cause of a batch, with the causes of its records by their sequence numbers. */
export function causeOfRecords(batch: StreamEntry[]): Cause {
  const members = batch.map(({ record, cause }) => [record.dynamodb.SequenceNumber, cause] as const);
  return { trace: batch[0]?.cause.trace ?? '', members: new Map(members) };
}

/** Returns the batch with other causes, in the form that `causeOfRecords` returns. */
export function causedBy(batch: BatchEntry[], { members }: Cause): BatchEntry[] {
  return batch.map((entry) => ({
    ...entry,
    cause: members?.get(entry.record.dynamodb.SequenceNumber) ?? entry.cause,
  }));
}

/**
 * Returns the cause of a run with a batch. The key of an item in the handler's output identifies
 * its record.
 */
export function causeOfBatch(batch: StreamEntry[]): Cause {
  const members = new Map<string, Cause>();
  for (const { record, cause } of batch) {
    const [key] = Object.values(record.dynamodb.Keys);
    const name = key?.S ?? key?.N ?? key?.B;
    // Output about an item with several records does not say which of them led to it.
    if (name !== undefined && !members.has(name)) members.set(name, cause);
  }
  return { trace: batch[0]?.cause.trace ?? '', members };
}
