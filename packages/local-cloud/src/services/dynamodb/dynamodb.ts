import db from 'dynalite/db/index.js';
import type { Clock } from '../../core/clock.ts';
import type { Journal } from '../../core/journal.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { itemSize } from './item-size.ts';
import { loadOperations, type Operation } from './operations.ts';
import { asRefusal } from './refusal.ts';
import type { Stream, Writer } from './stream.ts';
import { streamArn } from './table-arn.ts';
import { hasShapeOf, newTable } from './table-creation.ts';
import type { TableProperties } from './table-resource.ts';
import { Tables } from './tables.ts';
import { type ExpiringTable, TimeToLive } from './time-to-live.ts';

// dynalite counts UTF-16 code units, DynamoDB bytes.
db.itemSize = itemSize;

interface Opened {
  operations: ReadonlyMap<string, Operation>;
  /** The streams, by the names of their tables. */
  streams: ReadonlyMap<string, Stream>;
  expiring: ExpiringTable[];
  clock: Clock;
}

/** Emulates DynamoDB, with streams and expiry, in memory and in the journal. */
export class DynamoDb implements Service {
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #timeToLive: TimeToLive;

  private constructor({ operations, streams, expiring, clock }: Opened) {
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
   * Opens the tables that the journal keeps, and creates the missing tables of the template. Every
   * answered write survives the process, however it ends.
   * @throws {Error} one line, if a kept table has other keys or indexes than the template
   */
  static async open(options: {
    journal: Journal;
    resources: readonly Resource<TableProperties>[];
    account: Account;
    clock: Clock;
  }): Promise<DynamoDb> {
    const { account, clock, journal, resources } = options;
    const tables = new Tables(journal);
    const streams = new Map<string, Stream>();
    const expiring: ExpiringTable[] = [];
    for (const resource of resources) {
      const { name, arn, properties } = resource;
      const kept = tables.names().includes(name) ? tables.table(name) : undefined;
      if (!kept) tables.create(await newTable(resource, clock.now()));
      else if (!hasShapeOf(kept, properties))
        throw new Error(
          `The kept table ${name} has other keys or indexes than the template: ` +
            'start with --fresh to delete the data.',
        );
      const keyNames = properties.KeySchema.map(({ AttributeName }) => AttributeName);
      const viewType = properties.StreamSpecification?.StreamViewType;
      if (viewType) {
        const { region } = account;
        streams.set(name, tables.openStream({ arn: streamArn(arn), region, viewType, keyNames, clock }));
      }
      const expiry = properties.TimeToLiveSpecification;
      if (expiry?.Enabled) expiring.push({ name, keyNames, attributeName: expiry.AttributeName });
    }
    const operations = await loadOperations(tables);
    return new DynamoDb({ operations, streams, expiring, clock });
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

  /** Stops the expiry of items. */
  close(): Promise<void> {
    return this.#timeToLive.stop();
  }
}
