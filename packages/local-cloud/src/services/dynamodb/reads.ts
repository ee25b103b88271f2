import type { Item } from 'dynalite/db/index.js';
import {
  batchCapacity,
  consumedCapacity,
  itemReadUnits,
  type ReturnConsumedCapacity,
} from './consumed-capacity.ts';
import { bindLegacyParameters, type LegacyParameters } from './expressions/legacy-parameters.ts';
import {
  bindExpressions,
  type ExpressionParameters,
  type Expressions,
} from './expressions/request-expressions.ts';
import { itemSize } from './item-size.ts';
import { refuseNestedKeys, validKey } from './keys.ts';
import type { Tables } from './tables.ts';

/** The size limit of a response (API Reference, `BatchGetItem`). */
const MAXIMUM_BATCH_BYTES = 16 * 1024 ** 2;

export interface GetItemRequest {
  TableName: string;
  Key: Item;
  ConsistentRead?: boolean;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

interface KeysAndAttributes extends ExpressionParameters, LegacyParameters {
  Keys: Item[];
  ConsistentRead?: boolean;
}

export interface BatchGetItemRequest {
  RequestItems: Record<string, KeysAndAttributes>;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

/** Answers `GetItem`. */
export function getItem(tables: Tables, request: GetItemRequest & Expressions): object {
  const table = tables.table(request.TableName);
  refuseNestedKeys(request.projection?.paths ?? [], table);
  const item = tables.get(table, validKey(request.Key, table));
  return {
    ...(item && { Item: request.projection?.of(item) ?? item }),
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
    const { projection } = { ...bindExpressions(get, get), ...bindLegacyParameters(get) };
    refuseNestedKeys(projection?.paths ?? [], table);
    return { table, get, projection };
  });
  const Responses: Record<string, Item[]> = {};
  const UnprocessedKeys: Record<string, object> = {};
  const consumed = new Map<string, number>();
  let bytes = 0;
  for (const { table, get, projection } of gets) {
    const name = table.TableName;
    const items: Item[] = [];
    const left: Item[] = [];
    for (const key of get.Keys) {
      const item = bytes < MAXIMUM_BATCH_BYTES ? tables.get(table, key) : undefined;
      bytes += item ? itemSize(item) : 0;
      if (bytes >= MAXIMUM_BATCH_BYTES) left.push(key);
      else {
        consumed.set(name, (consumed.get(name) ?? 0) + itemReadUnits(item, get.ConsistentRead));
        if (item) items.push(projection?.of(item) ?? item);
      }
    }
    Responses[name] = items;
    if (left.length > 0) UnprocessedKeys[name] = { ...get, Keys: left };
  }
  return {
    Responses,
    UnprocessedKeys,
    ...batchCapacity(request.ReturnConsumedCapacity, consumed),
  };
}
