import db, { type Item, type Table } from 'dynalite/db/index.js';
import { AwsError } from '../../core/service.ts';
import {
  batchCapacity,
  consumedCapacity,
  type ReturnConsumedCapacity,
  writeUnits,
} from './consumed-capacity.ts';
import type { Expressions } from './expressions/request-expressions.ts';
import { refuseNestedKeys, validItem, validKey } from './keys.ts';
import { asRefusal } from './refusal.ts';
import type { Writer } from './stream.ts';
import type { Tables } from './tables.ts';
import { validationError } from './validation-error.ts';

export interface ConditionalRequest extends Expressions {
  TableName: string;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface PutItemRequest extends ConditionalRequest {
  Item: Item;
  ReturnValues?: 'ALL_OLD' | 'NONE';
}

export interface DeleteItemRequest extends ConditionalRequest {
  Key: Item;
  ReturnValues?: 'ALL_OLD' | 'NONE';
}

interface WriteRequest {
  PutRequest?: { Item: Item };
  DeleteRequest?: { Key: Item };
}

export interface BatchWriteItemRequest {
  RequestItems: Record<string, WriteRequest[]>;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

/** Answers `PutItem`. */
export async function putItem(tables: Tables, request: PutItemRequest, writer: Writer): Promise<object> {
  const table = tables.table(request.TableName);
  const { Item } = request;
  const before = await write(tables, writer, { table, key: validItem(Item, table), after: Item, request });
  return {
    ...(before && request.ReturnValues === 'ALL_OLD' && { Attributes: before }),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => ({
      table: table.TableName,
      units: writeUnits(before, Item),
    })),
  };
}

/** Answers `DeleteItem`. */
export async function deleteItem(
  tables: Tables,
  request: DeleteItemRequest,
  writer: Writer,
): Promise<object> {
  const table = tables.table(request.TableName);
  const key = validKey(request.Key, table);
  const before = await write(tables, writer, { table, key, after: undefined, request });
  return {
    ...(before && request.ReturnValues === 'ALL_OLD' && { Attributes: before }),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => ({
      table: table.TableName,
      units: writeUnits(before, undefined),
    })),
  };
}

/** Answers `BatchWriteItem`: every request is valid, or none is performed. */
export async function batchWriteItem(
  tables: Tables,
  request: BatchWriteItemRequest,
  writer: Writer,
): Promise<object> {
  const writes = Object.entries(request.RequestItems).flatMap(([name, requests]) => {
    const table = tables.table(name);
    const writes = requests.map((each) => batchedWrite(each, table));
    if (new Set(writes.map(({ key }) => db.createKey(key, table))).size < writes.length)
      throw validationError('Provided list of item keys contains duplicates');
    return writes;
  });
  const units = new Map<string, number>();
  const done = writes.map(async ({ table, key, after }) => {
    const before = await write(tables, writer, { table, key, after });
    units.set(table.TableName, (units.get(table.TableName) ?? 0) + writeUnits(before, after));
  });
  await Promise.all(done);
  return { UnprocessedItems: {}, ...batchCapacity(request.ReturnConsumedCapacity, units) };
}

function batchedWrite({ PutRequest, DeleteRequest }: WriteRequest, table: Table): Write {
  const mismatch = 'The provided key element does not match the schema';
  try {
    if (PutRequest) return { table, key: validItem(PutRequest.Item, table), after: PutRequest.Item };
    return { table, key: validKey(DeleteRequest?.Key ?? {}, table), after: undefined };
  } catch (error) {
    const refusal = asRefusal(error);
    const isMismatch =
      refusal instanceof AwsError && /Missing the key|Type mismatch for key/.test(refusal.message);
    throw isMismatch ? validationError(mismatch) : refusal;
  }
}

interface Write {
  table: Table;
  /** The primary key, or an item with it. */
  key: Item;
  /** The item after the write; `undefined` stands for no item. */
  after: Item | undefined;
  /** The request with the condition of the write. */
  request?: ConditionalRequest;
}

/** Writes an item if its condition holds, and returns the previous item. */
async function write(
  tables: Tables,
  writer: Writer,
  { table, key, after, request }: Write,
): Promise<Item | undefined> {
  let found: Item | undefined;
  refuseNestedKeys(request?.condition?.paths ?? [], table);
  await tables.write(table, key, writer, (before) => {
    found = before;
    if (request) checkCondition(request, before);
    return after;
  });
  return found;
}

/** Throws an `AwsError` if the condition of a write does not hold. */
export function checkCondition(request: ConditionalRequest, item: Item | undefined): void {
  if (!request.condition || request.condition.holdsFor(item ?? {})) return;
  const isReturned = item && request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  const fields = isReturned ? { Item: item } : {};
  throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', 400, fields);
}
