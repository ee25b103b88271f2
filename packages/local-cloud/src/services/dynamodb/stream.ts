import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Item } from 'dynalite/db/index.js';
import type { Clock } from '../../core/clock.ts';
import type { Cause } from '../../core/trace.ts';
import { itemSize } from './item-size.ts';
import { parseStreamArn } from './table-arn.ts';
import type { StreamViewType } from './table-resource.ts';

/** A change of an item, in the form of the `Records` of Lambda's DynamoDB event. */
export interface StreamRecord {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  eventVersion: '1.1';
  eventSource: 'aws:dynamodb';
  awsRegion: string;
  dynamodb: {
    /** Seconds since the epoch, rounded down. */
    ApproximateCreationDateTime: number;
    Keys: Item;
    NewImage?: Item;
    OldImage?: Item;
    /** Digits, of the same length in every record, so that they also sort as strings. */
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: StreamViewType;
  };
  /** Present only in the record of an expired item. */
  userIdentity?: UserIdentity;
  eventSourceARN: string;
}

/**
 * Identifies DynamoDB as the principal that deleted an item ("DynamoDB Streams and Time to Live" in
 * the developer guide).
 */
interface UserIdentity {
  type: 'Service';
  principalId: 'dynamodb.amazonaws.com';
}

/** The author of a write: a caller, by the cause of its call, or DynamoDB itself. */
export interface Writer {
  cause?: Cause | undefined;
  userIdentity?: UserIdentity;
}

/** A record and its cause, which a reader of a stream does not see in AWS. */
export interface StreamEntry {
  record: StreamRecord;
  cause: Cause;
}

/** A record in a stream. */
interface Place {
  number: bigint;
  entry: StreamEntry;
}

/** The ID of the only shard of a stream. */
export const SHARD_ID = 'shardId-00000000000000000000-00000000';

/** The retention of a record. */
export const RETENTION_SECONDS = 24 * 60 * 60;

/**
 * The size limit of the records that every reader has passed: their images, and about 1 KB of
 * overhead for each.
 */
const MAXIMUM_BYTES = 16 * 1024 ** 2;
const RECORD_BYTES = 1024;

/** The maximum number of these records. A start reads them all. */
const MAXIMUM_RECORDS = 4_000;

export interface StreamOptions {
  arn: string;
  region: string;
  viewType: StreamViewType;
  /** The attributes of the table's primary key. */
  keyNames: string[];
  clock: Clock;
  /** The records that the previous process has kept, oldest first. */
  kept?: readonly StreamEntry[];
}

/** The position of a reader in a stream. */
export interface StreamReader {
  /**
   * The sequence number of the last record that the reader has passed; `undefined` before the
   * oldest.
   */
  after: string | undefined;
}

/**
 * The changes of a table's items, oldest first, kept for 24 hours ("Change data capture for
 * DynamoDB Streams" in the developer guide). Above 16 MB or 4,000 records, the oldest that every
 * reader has passed are dropped earlier. A stream is one shard.
 */
export class Stream {
  readonly arn: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly #region: string;
  readonly #keyNames: string[];
  readonly #clock: Clock;
  /** The records, oldest first. */
  readonly #places: Place[];
  readonly #readers: StreamReader[] = [];
  readonly #waiting: (() => void)[] = [];
  #bytes: number;
  /** The sequence numbers of the records dropped since the last call of `takeDropped`. */
  #dropped: string[] = [];
  #nextSequenceNumber: bigint;

  constructor(options: StreamOptions) {
    this.arn = options.arn;
    this.tableName = parseStreamArn(options.arn).tableName;
    this.#region = options.region;
    this.viewType = options.viewType;
    this.#keyNames = options.keyNames;
    this.#clock = options.clock;
    // Above those of the previous run, and with the 21 or more digits of the API reference.
    const first = BigInt(options.clock.now()) * 10n ** 12n;
    this.#places = (options.kept ?? []).map((entry) => ({
      number: BigInt(entry.record.dynamodb.SequenceNumber),
      entry,
    }));
    this.#bytes = this.#places.reduce((sum, { entry }) => sum + bytesOf(entry), 0);
    const last = this.#places.at(-1)?.number ?? 0n;
    this.#nextSequenceNumber = last < first ? first : last + 1n;
  }

  /**
   * The sequence number of the newest record; in an empty stream, one less than that of the next
   * record.
   */
  get latest(): string {
    return String(this.#nextSequenceNumber - 1n);
  }

  /** The sequence number of the oldest record; in an empty stream, that of the next record. */
  get oldest(): string {
    this.#trim();
    return String(this.#places[0]?.number ?? this.#nextSequenceNumber);
  }

  /**
   * Returns the record of the change of an item from `before` to `after`; `undefined` stands for no
   * item. Readers see it when `written` is called, in the same order. As in AWS, a write that changes
   * nothing has no record.
   */
  add(
    before: Item | undefined,
    after: Item | undefined,
    { cause, userIdentity }: Writer = {},
  ): StreamEntry | undefined {
    const item = after ?? before;
    if (!item || (before && after && isSame(before, after))) return undefined;
    const images = {
      Keys: Object.fromEntries(this.#keyNames.flatMap((name) => (item[name] ? [[name, item[name]]] : []))),
      ...(after && this.viewType.includes('NEW') && { NewImage: after }),
      ...(before && this.viewType.includes('OLD') && { OldImage: before }),
    };
    const number = this.#nextSequenceNumber++;
    const sequenceNumber = String(number);
    const eventID = createHash('md5').update(`${this.arn} ${sequenceNumber}`).digest('hex');
    const record: StreamRecord = {
      eventID,
      eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#clock.now() / 1000),
        ...images,
        SequenceNumber: sequenceNumber,
        SizeBytes: Object.values(images).reduce((size, image) => size + itemSize(image), 0),
        StreamViewType: this.viewType,
      },
      ...(userIdentity && { userIdentity }),
      eventSourceARN: this.arn,
    };
    return { record, cause: cause ?? { trace: eventID.slice(0, 24) } };
  }

  /** Shows a record to the readers, once it is written with its item. */
  written(entry: StreamEntry): void {
    this.#places.push({ number: BigInt(entry.record.dynamodb.SequenceNumber), entry });
    this.#bytes += bytesOf(entry);
    this.#trim();
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /** Returns the sequence numbers of the records that were dropped since the last call. */
  takeDropped(): string[] {
    return this.#dropped.splice(0);
  }

  /**
   * Returns the oldest records after a sequence number, at most `limit` of them.
   * @param after `undefined`, or the number of a dropped record, reads from the oldest record
   */
  read(after: string | undefined, limit: number): StreamEntry[] {
    this.#trim();
    const start = after === undefined ? 0 : this.#indexOf(BigInt(after) + 1n);
    return this.#places.slice(start, start + limit).map(({ entry }) => entry);
  }

  /** Returns the records between two sequence numbers, both included, oldest first. */
  between(first: string, last: string): StreamEntry[] {
    this.#trim();
    const [start, end] = [this.#indexOf(BigInt(first)), this.#indexOf(BigInt(last) + 1n)];
    return this.#places.slice(start, end).map(({ entry }) => entry);
  }

  /**
   * Adds a reader, which reports its progress by moving `after` forward. The stream keeps the
   * records that it has not passed for 24 hours.
   * @param after as in `read`
   */
  reader(after: string | undefined): StreamReader {
    const reader = { after };
    this.#readers.push(reader);
    return reader;
  }

  /** Resolves once another record is written. */
  appended(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Returns the index of the first record with at least this sequence number. */
  #indexOf(number: bigint): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle]?.number ?? number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    const horizon = this.#clock.now() / 1000 - RETENTION_SECONDS;
    for (;;) {
      const [oldest] = this.#places;
      if (!oldest) return;
      const { SequenceNumber, ApproximateCreationDateTime } = oldest.entry.record.dynamodb;
      const isFull = this.#bytes > MAXIMUM_BYTES || this.#places.length > MAXIMUM_RECORDS;
      const tooMuch = isFull && this.#isPassed(SequenceNumber);
      if (ApproximateCreationDateTime > horizon && !tooMuch) return;
      this.#places.shift();
      this.#bytes -= bytesOf(oldest.entry);
      this.#dropped.push(SequenceNumber);
    }
  }

  #isPassed(sequenceNumber: string): boolean {
    return this.#readers.every(({ after }) => after !== undefined && after >= sequenceNumber);
  }
}

function bytesOf({ record }: StreamEntry): number {
  return record.dynamodb.SizeBytes + RECORD_BYTES;
}

function isSame(one: Item, other: Item): boolean {
  // Almost every change affects the size, which is much faster to compare.
  return itemSize(one) === itemSize(other) && isDeepStrictEqual(content(one), content(other));
}

/**
 * Returns an item in a form to compare: the order of attributes and of the members of a set is
 * ignored.
 */
function content(item: Item): unknown {
  return JSON.parse(JSON.stringify(item), (type, value) =>
    Array.isArray(value) && type !== 'L' ? new Set(value) : value,
  );
}
