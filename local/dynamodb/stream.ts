import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import db, { type Item } from 'dynalite/db/index.js';
import type { Clock } from '../clock.ts';
import type { StreamViewType } from './table-resource.ts';

/** One change of an item, as it stands in the `Records` of Lambda's DynamoDB event. */
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
    /** Digits, as many in every record, so that they also sort as strings. */
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: StreamViewType;
  };
  eventSourceARN: string;
}

const retentionMs = 24 * 60 * 60 * 1000;

/**
 * The changes of a table's items, oldest first, each kept for 24 hours ("Change data capture for DynamoDB Streams" in
 * the developer guide). It is one shard, and lives in memory: a restart begins an empty one.
 */
export class Stream {
  readonly arn: string;
  readonly #region: string;
  readonly #viewType: StreamViewType;
  readonly #keyNames: string[];
  readonly #clock: Clock;
  readonly #records: StreamRecord[] = [];
  readonly #listeners = new Set<() => void>();
  #nextSequenceNumber: bigint;

  /** @param keyNames the attributes of the table's primary key */
  constructor(options: {
    arn: string;
    region: string;
    viewType: StreamViewType;
    keyNames: string[];
    clock: Clock;
  }) {
    this.arn = options.arn;
    this.#region = options.region;
    this.#viewType = options.viewType;
    this.#keyNames = options.keyNames;
    this.#clock = options.clock;
    // Above those of the run before, with the 21 digits or more that the API reference gives a sequence number.
    this.#nextSequenceNumber = BigInt(options.clock.now()) * 10n ** 12n;
  }

  /**
   * Records that an item changed from `before` to `after` (`undefined`: there is none). Nothing is recorded when they
   * are the same, as in AWS.
   */
  append(before: Item | undefined, after: Item | undefined): void {
    const item = after ?? before;
    if (!item || (before && after && isDeepStrictEqual(content(before), content(after)))) return;
    const images = {
      Keys: Object.fromEntries(Object.entries(item).filter(([name]) => this.#keyNames.includes(name))),
      ...(after && this.#viewType.includes('NEW') && { NewImage: after }),
      ...(before && this.#viewType.includes('OLD') && { OldImage: before }),
    };
    const sequenceNumber = String(this.#nextSequenceNumber++);
    this.#records.push({
      eventID: createHash('md5').update(`${this.arn} ${sequenceNumber}`).digest('hex'),
      eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#clock.now() / 1000),
        ...images,
        SequenceNumber: sequenceNumber,
        SizeBytes: Object.values(images).reduce((size, image) => size + db.itemSize(image), 0),
        StreamViewType: this.#viewType,
      },
      eventSourceARN: this.arn,
    });
    this.#clock.schedule(() => this.#records.shift(), retentionMs);
    for (const listener of this.#listeners) listener();
  }

  /**
   * The oldest records that come after a sequence number, at most `limit` of them.
   * @param after `undefined`, or one that is no longer kept, reads from the oldest record
   */
  read(after: string | undefined, limit: number): StreamRecord[] {
    // Sequence numbers have no gaps, so a record's place follows from its number.
    const oldest = this.#nextSequenceNumber - BigInt(this.#records.length);
    const start = after === undefined ? 0 : Math.max(0, Number(BigInt(after) + 1n - oldest));
    return this.#records.slice(start, start + limit);
  }

  /** Calls `listener` whenever a record can be read that could not before; the function returned ends that. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** An item for comparison: neither the order of its attributes nor that of a set's members counts. */
function content(item: Item): unknown {
  return JSON.parse(JSON.stringify(item), (type, value) =>
    Array.isArray(value) && type !== 'L' ? new Set(value) : value,
  );
}
