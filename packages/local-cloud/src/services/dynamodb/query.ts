import type { Item, Table } from 'dynalite/db/index.js';
import { consumedCapacity, type ReturnConsumedCapacity, readUnits } from './consumed-capacity.ts';
import type { Expressions } from './expressions/request-expressions.ts';
import { itemSize } from './item-size.ts';
import type { Plan } from './planning.ts';
import { refuseKeyFilter, refuseSelection } from './query-checks.ts';
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
}

type Planning = (table: Table, request: object) => Plan;

/** Answers `Query` with one page. */
export function query(tables: Tables, request: QueryRequest & Expressions, planning: Planning): object {
  const table = tables.table(request.TableName);
  const plan = planning(table, request);
  refuseKeyFilter(request, table);
  return readPage(tables, table, request, plan);
}

/** Answers `Scan` with one page. */
export function scan(tables: Tables, request: QueryRequest & Expressions, planning: Planning): object {
  const table = tables.table(request.TableName);
  return readPage(tables, table, request, planning(table, request));
}

function readPage(
  tables: Tables,
  table: Table,
  request: QueryRequest & Expressions,
  { range, keyNames }: Plan,
): object {
  refuseSelection(request, table);
  const { filter, projection } = request;
  const { items, bytes, isFull } = readRange(tables, table, request, range);
  const last = items.at(-1);
  const matching = filter ? items.filter(filter.holdsFor) : items;
  const Items = projection ? matching.map(projection.of) : matching;
  return {
    ...(request.Select !== 'COUNT' && { Items }),
    Count: matching.length,
    ScannedCount: items.length,
    ...(isFull &&
      last && { LastEvaluatedKey: Object.fromEntries(keyNames.map((name) => [name, last[name]])) }),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => consumed(request, bytes)),
  };
}

function readRange(tables: Tables, table: Table, { IndexName, Limit }: QueryRequest, range: Plan['range']) {
  const items: Item[] = [];
  let bytes = 0;
  for (const item of tables.values(table, IndexName, range)) {
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
