import db, { type BatchOperation, type Item, type Range, type Store, type Table } from 'dynalite/db/index.js';
import { AwsError } from '../../core/service.ts';
import type { Stream, Writer } from './stream.ts';
import { keepRecord } from './stream-storage.ts';

/** Returns the item after a write; `undefined` stands for no item. Throws to refuse the write. */
type Change = (before: Item | undefined) => Item | undefined;

/**
 * The tables, with their items in dynalite's database and their streams. Code of dynalite runs here
 * only between a call and its response, never in a later callback, so an exception fails the call
 * and frees its lock.
 */
export class Tables {
  readonly #store: Store;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #descriptions = new Map<string, Table>();
  /** The last write of each key that is being written. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(store: Store, streams: ReadonlyMap<string, Stream>) {
    this.#store = store;
    this.#streams = streams;
  }

  /**
   * Returns the description of a table, which does not change while the local cloud runs.
   * @throws {AwsError} if there is no such table
   */
  table(name: string): Table {
    const known = this.#descriptions.get(name);
    if (known) return known;
    const table = this.#store.db.getSync(`table~${name}`);
    if (table?.TableStatus !== 'ACTIVE')
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    this.#descriptions.set(name, table);
    return table;
  }

  /** Returns the names of the tables, sorted. */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const key of this.#store.db.keys({ gte: 'table~', lt: 'table\x7f' })) names.push(key.slice(6));
    return names;
  }

  /** Returns an item by its primary key. */
  get(table: Table, key: Item): Item | undefined {
    return this.#store.db.getSync(`item-${table.TableName}~${db.createKey(key, table)}`);
  }

  /** Returns the items of a table, or of an index, in a range of their keys. */
  values(
    table: Table,
    index: string | undefined,
    { gt, gte, lt, lte, ...order }: Range,
  ): AsyncIterable<Item> {
    const prefix = index ? indexPrefix(table, index) : `item-${table.TableName}~`;
    return this.#store.db.values({
      ...order,
      ...(gt !== undefined && gte === undefined ? { gt: prefix + gt } : { gte: prefix + (gte ?? '') }),
      ...(lte !== undefined ? { lte: prefix + lte } : { lt: prefix + (lt ?? '\xff') }),
    });
  }

  /**
   * Changes an item, its index entries and its stream. Writes of the same key run one after another,
   * in the order of the calls, so that the records of a key have the order of its writes, and an
   * answered write is in the stream.
   */
  async write(table: Table, key: Item, writer: Writer, change: Change): Promise<void> {
    const itemKey = `item-${table.TableName}~${db.createKey(key, table)}`;
    const write = () => this.#change(table, itemKey, writer, change);
    const previous = this.#writing.get(itemKey);
    const current = previous ? previous.then(write, write) : write();
    this.#writing.set(itemKey, current);
    try {
      await current;
    } finally {
      if (this.#writing.get(itemKey) === current) this.#writing.delete(itemKey);
    }
  }

  async #change(table: Table, itemKey: string, writer: Writer, change: Change): Promise<void> {
    const before = this.#store.db.getSync(itemKey);
    const after = change(before);
    if (!before && !after) return;
    const operations: BatchOperation[] = [];
    const { GlobalSecondaryIndexes: indexes } = table;
    if (indexes) {
      const { puts, deletes } = db.getIndexActions(indexes, before, after, table);
      for (const { index, key } of deletes)
        operations.push({ type: 'del', key: indexPrefix(table, index) + key });
      for (const { index, key, item } of puts)
        operations.push({ type: 'put', key: indexPrefix(table, index) + key, value: item });
    }
    operations.push(after ? { type: 'put', key: itemKey, value: after } : { type: 'del', key: itemKey });
    const stream = this.#streams.get(table.TableName);
    const entry = stream?.add(before, after, writer);
    if (!stream || !entry) return this.#store.db.batch(operations);
    try {
      await this.#store.db.batch([...operations, ...keepRecord(stream, entry)]);
    } catch (error) {
      stream.remove(entry);
      throw error;
    }
    stream.written(entry);
  }
}

function indexPrefix({ TableName }: Table, index: string): string {
  return `index-global~${TableName}~${index}~`;
}
