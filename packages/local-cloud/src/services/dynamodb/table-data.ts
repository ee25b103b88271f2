import db, { type Index, type Item, type Range, type Table } from 'dynalite/db/index.js';
import { SortedItems } from './sorted-items.ts';

/**
 * Returns the string that sorts an item in an index: its key in the index and then, since items can
 * have the same, its primary key.
 */
export function indexKey(item: Item, table: Table, schema: Index['KeySchema']): string {
  return db.createKey(item, table, schema) + db.createKey(item, table);
}

/** An index of a table. */
interface TableIndex {
  index: Index;
  /** The attributes of its key. */
  keyNames: string[];
  /** The attributes of its entries; `undefined` stands for all. */
  names: string[] | undefined;
  /** Its entries, once it has been read. */
  entries?: SortedItems;
}

/**
 * The items of a table and of its indexes. Items are never changed, only replaced. The first read of
 * an index builds it: most are never read, and a start must not wait for them.
 */
export class TableData {
  readonly table: Table;
  readonly #items = new SortedItems();
  readonly #indexes: TableIndex[];

  constructor(table: Table) {
    this.table = table;
    this.#indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => {
      const { ProjectionType, NonKeyAttributes = [] } = index.Projection;
      const keyNames = index.KeySchema.map(({ AttributeName }) => AttributeName);
      const primary = table.KeySchema.map(({ AttributeName }) => AttributeName);
      const names = ProjectionType === 'ALL' ? undefined : [...keyNames, ...primary, ...NonKeyAttributes];
      return { index, keyNames, names };
    });
  }

  /** @param key the primary key of an item, as `db.createKey` returns it */
  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  /** Replaces an item, with its entries in the indexes; `undefined` stands for no item. */
  replace(key: string, before: Item | undefined, after: Item | undefined): void {
    if (after) this.#items.set(key, after);
    else this.#items.delete(key);
    for (const index of this.#indexes) {
      if (!index.entries) continue;
      const [old, current] = [this.#keyIn(index, before), this.#keyIn(index, after)];
      if (old !== undefined && old !== current) index.entries.delete(old);
      if (after && current !== undefined) index.entries.set(current, projected(after, index.names));
    }
  }

  /** Returns the items of the table, or of an index, in a range of their keys. */
  values(indexName: string | undefined, range: Range): Iterable<Item> {
    if (indexName === undefined) return this.#items.values(range);
    const index = this.#indexes.find((candidate) => candidate.index.IndexName === indexName);
    if (!index) return [];
    index.entries ??= this.#build(index);
    return index.entries.values(range);
  }

  #build(index: TableIndex): SortedItems {
    const entries = new SortedItems();
    for (const item of this.#items.values({})) {
      const key = this.#keyIn(index, item);
      if (key !== undefined) entries.set(key, projected(item, index.names));
    }
    return entries;
  }

  #keyIn({ index, keyNames }: TableIndex, item: Item | undefined): string | undefined {
    if (!item || !keyNames.every((name) => item[name])) return undefined;
    return indexKey(item, this.table, index.KeySchema);
  }
}

function projected(item: Item, names: readonly string[] | undefined): Item {
  if (!names) return item;
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}
