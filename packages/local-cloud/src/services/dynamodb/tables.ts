import db, { type Item, type Range, type Table } from 'dynalite/db/index.js';
import * as z from 'zod/mini';
import type { Journal, Section } from '../../core/journal.ts';
import { AwsError } from '../../core/service.ts';
import { KeptCause, keptCause } from '../../core/trace.ts';
import { Stream, type StreamOptions, type StreamRecord, type Writer } from './stream.ts';
import { parseStreamArn } from './table-arn.ts';
import { TableData } from './table-data.ts';

/** Returns the item after a write; `undefined` stands for no item. Throws to refuse the write. */
type Change = (before: Item | undefined) => Item | undefined;

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
// The journal contains what this file has put there.
const KeptTable = z.custom<Table>(isObject);
const KeptItem = z.custom<Item>(isObject);
const KeptEntry = z.object({ record: z.custom<StreamRecord>(isObject), cause: KeptCause });

type Kept<Schema extends z.ZodMiniType> = Pick<Section<Schema>, 'put' | 'delete'>;

/** A table with what keeps its items and the records of its stream. */
interface OpenTable {
  data: TableData;
  items: Kept<typeof KeptItem>;
  stream?: { stream: Stream; records: Kept<typeof KeptEntry> };
}

/** The tables, with their items and their streams, in memory and in the journal. */
export class Tables {
  readonly #journal: Journal;
  readonly #kept: Kept<typeof KeptTable>;
  readonly #tables = new Map<string, OpenTable>();

  /** Opens the tables that the journal keeps. */
  constructor(journal: Journal) {
    this.#journal = journal;
    const { left, ...kept } = journal.section('tables', KeptTable);
    this.#kept = kept;
    for (const table of left.values()) this.#open(table);
  }

  /** Creates a table. */
  create(table: Table): void {
    this.#kept.put(table.TableName, table);
    this.#open(table);
  }

  /** Opens the stream of a table, with the records that the journal keeps. */
  openStream(options: Omit<StreamOptions, 'kept'>): Stream {
    const { tableName } = parseStreamArn(options.arn);
    const { left, ...records } = this.#journal.section(`stream-${tableName}`, KeptEntry);
    const stream = new Stream({ ...options, kept: [...left.values()] });
    this.#openTable(tableName).stream = { stream, records };
    return stream;
  }

  /**
   * Returns the description of a table.
   * @throws {AwsError} if there is no such table
   */
  table(name: string): Table {
    return this.#openTable(name).data.table;
  }

  /** Returns the names of the tables, sorted. */
  names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  /** Returns an item by its primary key. */
  get(table: Table, key: Item): Item | undefined {
    return this.#openTable(table.TableName).data.get(db.createKey(key, table));
  }

  /** Returns the items of a table, or of an index, in a range of their keys. */
  values(table: Table, index: string | undefined, range: Range): Iterable<Item> {
    return this.#openTable(table.TableName).data.values(index, range);
  }

  /**
   * Changes an item, its index entries and its stream, all before it returns. Resolves once the item
   * and the record are in the journal, in one line: neither exists without the other. Readers of the
   * stream see the record from then on.
   */
  async write(table: Table, key: Item, writer: Writer, change: Change): Promise<void> {
    const { data, items, stream: kept } = this.#openTable(table.TableName);
    const itemKey = db.createKey(key, table);
    const before = data.get(itemKey);
    const after = change(before);
    if (!before && !after) return;
    const entry = kept?.stream.add(before, after, writer);
    data.replace(itemKey, before, after);
    if (after) items.put(itemKey, after);
    else items.delete(itemKey);
    if (kept && entry) {
      const { record, cause } = entry;
      kept.records.put(record.dynamodb.SequenceNumber, { record, cause: keptCause(cause) });
    }
    await this.#journal.written();
    if (!kept || !entry) return;
    kept.stream.written(entry);
    for (const number of kept.stream.takeDropped()) kept.records.delete(number);
  }

  #openTable(name: string): OpenTable {
    const table = this.#tables.get(name);
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  }

  #open(table: Table): void {
    const { left, ...items } = this.#journal.section(`items-${table.TableName}`, KeptItem);
    const data = new TableData(table);
    for (const [key, item] of left) data.replace(key, undefined, item);
    this.#tables.set(table.TableName, { data, items });
  }
}
