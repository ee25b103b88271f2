import { Readable } from 'node:stream';
import db, {
  type BatchOperation,
  type Done,
  type Item,
  type Store,
  type SubDatabase,
} from 'dynalite/db/index.js';
import type { Clock } from '../../core/clock.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { loadOperation, type Operation } from './operation.ts';
import { Stream, type Writer } from './stream.ts';
import { streamArn } from './table-arn.ts';
import { createTable } from './table-creation.ts';
import type { TableProperties } from './table-resource.ts';
import { type ExpiringTable, TimeToLive } from './time-to-live.ts';

/**
 * The template alone defines tables, so the operations that create, change or tag them are missing.
 */
const operationNames = [
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

// dynalite counts UTF-16 code units, DynamoDB bytes of UTF-8 ("DynamoDB item sizes and formats" in
// the developer guide): it receives one character for each byte.
const { itemSize } = db;
db.itemSize = (item) => itemSize(JSON.parse(Buffer.from(JSON.stringify(item)).toString('latin1')));

interface Opened {
  store: Store;
  operations: ReadonlyMap<string, Operation>;
  /** The streams, by the names of their tables. */
  streams: ReadonlyMap<string, Stream>;
  expiring: ExpiringTable[];
  clock: Clock;
}

/** Emulates DynamoDB with dynalite on a LevelDB database, and adds streams and expiry. */
export class DynamoDb implements Service {
  readonly #store: Store;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #timeToLive: TimeToLive;

  private constructor({ store, operations, streams, expiring, clock }: Opened) {
    this.#store = store;
    this.#operations = operations;
    this.#streams = streams;
    const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;
    this.#timeToLive = new TimeToLive(
      expiring,
      (operation, input) => this.#perform(operation, input, { userIdentity }),
      clock,
    );
  }

  /**
   * Opens the data in `folder` and creates the missing tables of the template. Every answered write
   * survives the process, however it ends.
   * @throws {Error} one line, if another process has the folder open, or if a kept table has other
   * keys or indexes than the template
   */
  static async open(options: {
    folder: string;
    tables: Resource<TableProperties>[];
    account: Account;
    clock: Clock;
  }): Promise<DynamoDb> {
    const { folder, tables, account, clock } = options;
    const store = db.create({ path: folder, createTableMs: 0 });
    store.tableDb.awsAccountId = account.id;
    store.tableDb.awsRegion = account.region;
    // A read from LevelDB's memory takes microseconds; dynalite's own read waits for a thread and
    // three promises.
    store.db.get = (key, callback) => process.nextTick(callback, undefined, store.db.getSync(key));
    // dynalite never closes the iterator of a query, so that each query would leak 30 KB.
    store.db.createValueStream = (range) => Readable.from(store.db.values(range));
    try {
      await store.db.open();
    } catch (cause) {
      throw new Error(
        `The data in ${folder} cannot be opened. If another local cloud uses it, stop that one.`,
        {
          cause,
        },
      );
    }

    const streams = new Map<string, Stream>();
    const expiring: ExpiringTable[] = [];
    for (const { name, arn, properties } of tables) {
      if (!(await createTable(store, name, properties))) {
        await store.db.close();
        throw new Error(
          `The table ${name} in ${folder} has other keys or indexes than the template: ` +
            'start with --fresh to delete the data.',
        );
      }
      const keyNames = properties.KeySchema.map(({ AttributeName }) => AttributeName);
      const viewType = properties.StreamSpecification?.StreamViewType;
      if (viewType)
        streams.set(
          name,
          new Stream({ arn: streamArn(arn), region: account.region, viewType, keyNames, clock }),
        );
      const expiry = properties.TimeToLiveSpecification;
      if (expiry?.Enabled) expiring.push({ name, keyNames, attributeName: expiry.AttributeName });
    }
    const operations = new Map<string, Operation>();
    for (const name of operationNames) operations.set(name, await loadOperation(name));
    return new DynamoDb({ store, operations, streams, expiring, clock });
  }

  call(operation: string, input: unknown, cause?: Cause): Promise<object> {
    return this.#perform(operation, input, { cause });
  }

  async #perform(operation: string, input: unknown, writer: Writer): Promise<object> {
    const perform = this.#operations.get(operation);
    if (!perform) {
      throw new AwsError('UnknownOperationException', `The local DynamoDB does not support ${operation}.`);
    }
    return perform(this.#storeOfCall(writer), input);
  }

  /**
   * Returns the store for one call. It writes each item in one batch with its index entries, which
   * dynalite writes first.
   */
  #storeOfCall(writer: Writer): Store {
    const { db } = this.#store;
    const entries: BatchOperation[] = [];
    const collected = (prefix: string) => ({
      put(key: string, value: unknown, done: Done) {
        entries.push({ type: 'put', key: prefix + key, value });
        done();
      },
      del(key: string, done: Done) {
        entries.push({ type: 'del', key: prefix + key });
        done();
      },
    });
    const getIndexDb: Store['getIndexDb'] = (type, table, index) => ({
      ...this.#store.getIndexDb(type, table, index),
      ...collected(`index-${type.toLowerCase()}~${table}~${index}~`),
    });
    const getItemDb: Store['getItemDb'] = (name) => {
      const prefix = `item-${name}~`;
      const items = {
        ...this.#store.getItemDb(name),
        put: (key: string, value: Item, done: Done) =>
          db.batch([...entries.splice(0), { type: 'put', key: prefix + key, value }], done),
        del: (key: string, done: Done) =>
          db.batch([...entries.splice(0), { type: 'del', key: prefix + key }], done),
      };
      const stream = this.#streams.get(name);
      return stream ? recordWrites(items, stream, writer) : items;
    };
    return Object.create(this.#store, { getIndexDb: { value: getIndexDb }, getItemDb: { value: getItemDb } });
  }

  /** Returns the stream of a table; `undefined` if the table has no `StreamSpecification`. */
  stream(tableName: string): Stream | undefined {
    return this.#streams.get(tableName);
  }

  /** Closes the database. A call in flight may fail. */
  async close(): Promise<void> {
    await this.#timeToLive.stop();
    await this.#store.db.close();
  }
}

/**
 * Returns the items of a table for one write, which appends the change to the table's stream. For
 * each item that it writes, dynalite requests the items once, reads the item, and writes it if its
 * condition holds. A lock on the item's key, which it frees in `done`, covers all of this. So the
 * records of a key have the order of its writes, and an answered write is in the stream.
 */
function recordWrites(items: SubDatabase<Item>, stream: Stream, writer: Writer): SubDatabase<Item> {
  let before: Item | undefined;
  return {
    ...items,
    get: (key, callback) =>
      items.get(key, (error, item) => {
        before = item;
        callback(error, item);
      }),
    put: (key, after, done) =>
      items.put(key, after, (error) => {
        if (!error) stream.append(before, after, writer);
        done(error);
      }),
    del: (key, done) =>
      items.del(key, (error) => {
        if (!error) stream.append(before, undefined, writer);
        done(error);
      }),
  };
}
