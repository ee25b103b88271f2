import { type Clock, sleep } from '../../core/clock.ts';
import type { Cause } from '../../core/trace.ts';
import type { Stream, StreamEntry, StreamReader, StreamRecord } from '../dynamodb/stream.ts';

/** A record of a batch, with what the function gets of it. */
export interface BatchEntry extends StreamEntry {
  json: string;
}

/** An invocation takes an event of 6 MB ("Lambda quotas"); 10 KB of them are left to what is around the records. */
const MAXIMUM_BYTES = 6 * 1024 * 1024 - 10_240;

/** What a reader of a stream takes from it. */
interface BatchSettings {
  /** The sequence number after which it begins; `undefined` is the oldest record. */
  after: string | undefined;
  /** Says whether a record is for the reader; one that is not is passed over. */
  wants: (record: StreamRecord) => boolean;
  batchSize: number;
  /** How long it gathers records for a batch that is not full. */
  windowMs: number;
}

/**
 * Reads a stream from a place on, batch by batch. The filter comes before the batch: it "applies your filter criteria to
 * each new event to determine whether to add it to the current batch".
 * Source: AWS Lambda Developer Guide, "Control which events Lambda sends to your function", and "Using AWS Lambda with
 * Amazon DynamoDB", "Polling and batching streams".
 */
export class StreamBatchReader {
  readonly #stream: Stream;
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #reader: StreamReader;

  constructor(stream: Stream, settings: BatchSettings, clock: Clock) {
    this.#stream = stream;
    this.#settings = settings;
    this.#clock = clock;
    this.#reader = stream.reader(settings.after);
  }

  /**
   * Waits for the next records. They make a batch once they are as many as it takes, or 6 MB, or the window is over
   * that the first of them has opened.
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

  /** Adds what there is to a batch. True when it takes no more. */
  #fill(batch: BatchEntry[]): boolean {
    const { batchSize, wants } = this.#settings;
    let bytes = batch.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
    for (;;) {
      const entries = this.#stream.read(this.#reader.after, batchSize);
      if (entries.length === 0) return false;
      for (const entry of entries) {
        if (wants(entry.record)) {
          const json = JSON.stringify(entry.record);
          bytes += Buffer.byteLength(json) + 1;
          if (bytes > MAXIMUM_BYTES && batch.length > 0) return true;
          batch.push({ ...entry, json });
        }
        this.#reader.after = entry.record.dynamodb.SequenceNumber;
        if (batch.length === batchSize) return true;
      }
    }
  }
}

/** The cause of a batch, with those of its records by their sequence numbers. */
export function causeOfRecords(batch: StreamEntry[]): Cause {
  const members = batch.map(({ record, cause }) => [record.dynamodb.SequenceNumber, cause] as const);
  return { trace: batch[0]?.cause.trace ?? '', members: new Map(members) };
}

/** The batch with other causes, as `causeOfRecords` has them. */
export function causedBy(batch: BatchEntry[], { members }: Cause): BatchEntry[] {
  return batch.map((entry) => ({
    ...entry,
    cause: members?.get(entry.record.dynamodb.SequenceNumber) ?? entry.cause,
  }));
}

/** The cause of a run with a batch: what the handler makes of a record is known by the key of its item. */
export function causeOfBatch(batch: StreamEntry[]): Cause {
  const members = new Map<string, Cause>();
  for (const { record, cause } of batch) {
    const [key] = Object.values(record.dynamodb.Keys);
    const name = key?.S ?? key?.N ?? key?.B;
    // Of two records of an item, nothing that is made of them says which.
    if (name !== undefined && !members.has(name)) members.set(name, cause);
  }
  return { trace: batch[0]?.cause.trace ?? '', members };
}
