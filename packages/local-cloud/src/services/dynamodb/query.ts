import db, { type Item, type Table } from 'dynalite/db/index.js';
import { consumedCapacity, type ReturnConsumedCapacity, readUnits } from './consumed-capacity.ts';
import type { Plan } from './dynalite-action.ts';
import { itemSize } from './item-size.ts';
import type { Tables } from './tables.ts';

/** The size at which a page ends (API Reference, `Query`). */
const PAGE_BYTES = 1024 ** 2;

export interface QueryRequest {
  TableName: string;
  IndexName?: string;
  Limit?: number;
  Select?: string;
  ConsistentRead?: boolean;
  ReturnConsumedCapacity?: ReturnConsumedCapacity;
  AttributesToGet?: string[];
  QueryFilter?: unknown;
  ScanFilter?: unknown;
  ConditionalOperator?: string;
  _projection?: { paths: unknown[] };
  _filter?: { expression: unknown };
}

/** Answers `Query` or `Scan` with one page. */
export async function readPage(
  tables: Tables,
  request: QueryRequest,
  planning: (table: Table, request: object) => Plan,
): Promise<object> {
  const table = tables.table(request.TableName);
  const { range, keyNames } = planning(table, request);
  const { items, bytes, isFull } = await readRange(tables, table, request, range);
  const last = items.at(-1);
  const matching = items.filter((item) => isMatch(item, request));
  return {
    ...(request.Select !== 'COUNT' && { Items: matching.map((item) => projected(item, request)) }),
    Count: matching.length,
    ScannedCount: items.length,
    ...(isFull &&
      last && { LastEvaluatedKey: Object.fromEntries(keyNames.map((name) => [name, last[name]])) }),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => consumed(request, bytes)),
  };
}

async function readRange(
  tables: Tables,
  table: Table,
  { IndexName, Limit }: QueryRequest,
  range: Plan['range'],
) {
  const items: Item[] = [];
  let bytes = 0;
  for await (const item of tables.values(table, IndexName, range)) {
    items.push(item);
    bytes += itemSize(item);
    if (items.length === Limit || bytes >= PAGE_BYTES) return { items, bytes, isFull: true };
  }
  return { items, bytes, isFull: false };
}

function consumed({ TableName, IndexName, ConsistentRead }: QueryRequest, bytes: number) {
  const units = readUnits(bytes, ConsistentRead);
  if (!IndexName) return { table: TableName, units };
  return { table: TableName, units: 0, index: { name: IndexName, units } };
}

function isMatch(item: Item, request: QueryRequest): boolean {
  if (request._filter) return db.matchesExprFilter(item, request._filter.expression);
  const filter = request.QueryFilter ?? request.ScanFilter;
  return !filter || db.matchesFilter(item, filter, request.ConditionalOperator);
}

function projected(item: Item, { AttributesToGet, _projection }: QueryRequest): Item {
  const paths = _projection?.paths ?? AttributesToGet;
  return paths ? db.mapPaths(paths, item) : item;
}
