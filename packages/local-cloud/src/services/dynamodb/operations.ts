import type { Expressions } from './expressions/request-expressions.ts';
import { loadPlanning } from './planning.ts';
import { type QueryRequest, query, scan } from './query.ts';
import { type BatchGetItemRequest, batchGetItem, type GetItemRequest, getItem } from './reads.ts';
import type { Writer } from './stream.ts';
import type { Tables } from './tables.ts';
import { type UpdateItemRequest, updateItem } from './update-item.ts';
import { loadValidation } from './validation.ts';
import {
  type BatchWriteItemRequest,
  batchWriteItem,
  type DeleteItemRequest,
  deleteItem,
  type PutItemRequest,
  putItem,
} from './writes.ts';

/**
 * An operation of DynamoDB.
 * @throws DynamoDB's error, as an `AwsError` or in dynalite's form
 */
export type Operation = (input: unknown, writer: Writer) => object | Promise<object>;

type Answer<Request> = (request: Request & Expressions, writer: Writer) => object | Promise<object>;

/**
 * Loads the operations, by name. The template alone defines tables, so the operations that create,
 * change or tag them are missing.
 */
export async function loadOperations(tables: Tables): Promise<Map<string, Operation>> {
  const operations = new Map<string, Operation>();
  const load = async <Request extends object>(name: string, answer: Answer<Request>) => {
    const validate = await loadValidation<Request>(name);
    operations.set(name, (input, writer) => answer(validate(input), writer));
  };
  const [planQuery, planScan] = [await loadPlanning('Query'), await loadPlanning('Scan')];
  await load<BatchGetItemRequest>('BatchGetItem', (request) => batchGetItem(tables, request));
  await load<BatchWriteItemRequest>('BatchWriteItem', (request, writer) =>
    batchWriteItem(tables, request, writer),
  );
  await load<DeleteItemRequest>('DeleteItem', (request, writer) => deleteItem(tables, request, writer));
  await load<{ TableName: string }>('DescribeTable', ({ TableName }) => ({ Table: tables.table(TableName) }));
  await load<GetItemRequest>('GetItem', (request) => getItem(tables, request));
  await load<ListTablesRequest>('ListTables', (request) => listTables(tables, request));
  await load<PutItemRequest>('PutItem', (request, writer) => putItem(tables, request, writer));
  await load<QueryRequest>('Query', (request) => query(tables, request, planQuery));
  await load<QueryRequest>('Scan', (request) => scan(tables, request, planScan));
  await load<UpdateItemRequest>('UpdateItem', (request, writer) => updateItem(tables, request, writer));
  return operations;
}

interface ListTablesRequest {
  ExclusiveStartTableName?: string;
  Limit?: number;
}

function listTables(tables: Tables, request: ListTablesRequest): object {
  const { ExclusiveStartTableName: start = '', Limit = 100 } = request;
  const names = tables.names().filter((name) => name > start);
  const TableNames = names.slice(0, Limit);
  return { TableNames, ...(names.length > Limit && { LastEvaluatedTableName: TableNames.at(-1) }) };
}
