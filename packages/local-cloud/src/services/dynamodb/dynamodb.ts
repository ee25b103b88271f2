import db, { type Store } from 'dynalite/db/index.js';
import type { Clock } from '../../core/clock.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { itemSize } from './item-size.ts';
import { loadOperations, type Operation } from './operations.ts';
import { asRefusal } from './refusal.ts';
import { Stream, type Writer } from './stream.ts';
import { keptRecords } from './stream-storage.ts';
import { streamArn } from './table-arn.ts';
import { createTable } from './table-creation.ts';
import type { TableProperties } from './table-resource.ts';
import { Tables } from './tables.ts';
import { type ExpiringTable, TimeToLive } from './time-to-live.ts';

// dynalite counts UTF-16 code units, DynamoDB bytes.
db.itemSize = itemSize;

interface Opened {
  store: Store;
  operations: ReadonlyMap<string, Operation>;
  /** The streams, by the names of their tables. */
  streams: ReadonlyMap<string, Stream>;
  expiring: ExpiringTable[];
  clock: Clock;
}

/** Emulates DynamoDB on a LevelDB database in dynalite's format, with streams and expiry. */
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
      if (viewType) {
        const kept = await keptRecords(store, name);
        const { region } = account;
        streams.set(name, new Stream({ arn: streamArn(arn), region, viewType, keyNames, clock, kept }));
      }
      const expiry = properties.TimeToLiveSpecification;
      if (expiry?.Enabled) expiring.push({ name, keyNames, attributeName: expiry.AttributeName });
    }
    const operations = await loadOperations(store, new Tables(store, streams));
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
    try {
      return await perform(input, writer);
    } catch (error) {
      throw asRefusal(error);
    }
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
