import type { Item, Table } from 'dynalite/db/index.js';
import { consumedCapacity, writeUnits } from './consumed-capacity.ts';
import { validKey } from './reads.ts';
import type { Writer } from './stream.ts';
import type { Tables } from './tables.ts';
import { type ConditionalRequest, checkCondition } from './writes.ts';

export interface UpdateItemRequest extends ConditionalRequest {
  Key: Item;
  ReturnValues?: 'NONE' | 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW';
  _updates?: { sections: { type: string; path: (string | number)[] }[] };
}

/** Answers `UpdateItem` with dynalite's operation, which receives a store of one item. */
export async function updateItem(
  tables: Tables,
  request: UpdateItemRequest,
  writer: Writer,
  update: (store: object, request: object) => object,
): Promise<object> {
  const table = tables.table(request.TableName);
  const key = validKey(request.Key, table);
  removeLastElementsFirst(request);
  let answer: object = {};
  let units = 0;
  await tables.write(table, key, writer, (before) => {
    checkCondition(request, before);
    let after: Item | undefined;
    const done = (callback: () => void) => callback();
    const items = {
      lock: (_key: string, act: (release: (callback: unknown) => unknown) => void) =>
        act((callback) => callback),
      get: (_key: string, callback: (error: unknown, item: Item | undefined) => void) =>
        callback(undefined, before),
      put: (_key: string, item: Item, callback: () => void) => {
        after = item;
        callback();
      },
    };
    const index = {
      put: (_key: string, _item: Item, callback: () => void) => done(callback),
      del: (_key: string, callback: () => void) => done(callback),
    };
    const store = {
      options: { maxItemSize: MAXIMUM_ITEM_BYTES },
      getTable: (_name: string, callback: (error: unknown, table: Table) => void) =>
        callback(undefined, table),
      getItemDb: () => items,
      getIndexDb: () => index,
    };
    const { ReturnConsumedCapacity: _, ...plain } = request;
    answer = update(store, plain);
    units = writeUnits(before, after);
    return after;
  });
  return {
    ...answer,
    ...consumedCapacity(request.ReturnConsumedCapacity, () => ({ table: table.TableName, units })),
  };
}

/** The size limit of an item ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_ITEM_BYTES = 400 * 1024;

/**
 * Sorts the removals of list elements from last to first. dynalite removes them one by one,
 * DynamoDB all at once.
 */
function removeLastElementsFirst({ _updates }: UpdateItemRequest): void {
  const rank = ({ type, path }: { type: string; path: (string | number)[] }): number => {
    const last = path.at(-1);
    return type === 'remove' && typeof last === 'number' ? -last : Number.NEGATIVE_INFINITY;
  };
  _updates?.sections.sort((one, other) => (rank(one) < rank(other) ? -1 : Number(rank(one) > rank(other))));
}
