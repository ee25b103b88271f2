import db, { type Item, type Table } from 'dynalite/db/index.js';
import {
  batchCapacity,
  consumedCapacity,
  itemReadUnits,
  type ReturnConsumedCapacity,
} from './consumed-capacity.ts';
import { itemSize } from './item-size.ts';
import type { Tables } from './tables.ts';

/** The size limit of a response (API Reference, `BatchGetItem`). */
const MAXIMUM_BATCH_BYTES = 16 * 1024 ** 2;

interface Projection {
  AttributesToGet?: string[];
  _projection?: { paths: unknown[] };
}

export interface GetItemRequest extends Projection {
  TableName: string;
  Key: Item;
  ConsistentRead?: boolean;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

interface KeysAndAttributes extends Projection {
  Keys: Item[];
  ConsistentRead?: boolean;
}

export interface BatchGetItemRequest {
  RequestItems: Record<string, KeysAndAttributes>;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

/** Answers `GetItem`. */
export function getItem(tables: Tables, request: GetItemRequest): object {
  const table = tables.table(request.TableName);
  const item = tables.get(table, validKey(request.Key, table));
  return {
    ...(item && { Item: projected(item, request) }),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => ({
      table: table.TableName,
      units: itemReadUnits(item, request.ConsistentRead),
    })),
  };
}

/** Answers `BatchGetItem`. The keys of the items beyond 16 MB are returned as unprocessed. */
export function batchGetItem(tables: Tables, request: BatchGetItemRequest): object {
  const gets = Object.entries(request.RequestItems).map(([name, get]) => {
    const table = tables.table(name);
    for (const key of get.Keys) validKey(key, table);
    return { table, get };
  });
  const Responses: Record<string, Item[]> = {};
  const UnprocessedKeys: Record<string, object> = {};
  const consumed = new Map<string, number>();
  let bytes = 0;
  for (const { table, get } of gets) {
    const name = table.TableName;
    const items: Item[] = [];
    const left: Item[] = [];
    for (const key of get.Keys) {
      const item = bytes < MAXIMUM_BATCH_BYTES ? tables.get(table, key) : undefined;
      bytes += item ? itemSize(item) : 0;
      if (bytes >= MAXIMUM_BATCH_BYTES) left.push(key);
      else {
        consumed.set(name, (consumed.get(name) ?? 0) + itemReadUnits(item, get.ConsistentRead));
        if (item) items.push(projected(item, get));
      }
    }
    Responses[name] = items;
    const { _projection, ...unprocessed } = get;
    if (left.length > 0) UnprocessedKeys[name] = { ...unprocessed, Keys: left };
  }
  return {
    Responses,
    UnprocessedKeys,
    ...batchCapacity(request.ReturnConsumedCapacity, consumed),
  };
}

/**
 * Returns a key.
 * @throws if it does not have the attributes of the table's primary key
 */
export function validKey(key: Item, table: Table): Item {
  const invalid = db.validateKey(key, table);
  if (invalid) throw invalid;
  return key;
}

function projected(item: Item, { AttributesToGet, _projection }: Projection): Item {
  const paths = _projection?.paths ?? AttributesToGet;
  return paths ? db.mapPaths(paths, item) : item;
}
