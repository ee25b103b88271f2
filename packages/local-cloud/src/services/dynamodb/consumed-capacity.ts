import type { Item } from 'dynalite/db/index.js';
import { itemSize } from './item-size.ts';

export type ReturnConsumedCapacity = 'INDEXES' | 'TOTAL' | 'NONE';

/** The capacity of a table and of an index that a call has consumed. */
interface Consumed {
  table: string;
  units: number;
  index?: { name: string; units: number } | undefined;
}

/**
 * Returns the capacity units of a read of that many bytes ("Read consistency" in the developer
 * guide).
 */
export function readUnits(bytes: number, isConsistent: boolean | undefined): number {
  return Math.ceil(bytes / 4096) * (isConsistent ? 1 : 0.5);
}

/** Returns the capacity units of reading one item; a read of nothing counts as well. */
export function itemReadUnits(item: Item | undefined, isConsistent: boolean | undefined): number {
  return readUnits(item ? itemSize(item) : 1, isConsistent);
}

/** Returns the capacity units of a write: those of the larger of the item's two states. */
export function writeUnits(before: Item | undefined, after: Item | undefined): number {
  return Math.ceil(Math.max(before ? itemSize(before) : 1, after ? itemSize(after) : 1) / 1024);
}

/** Returns the field `ConsumedCapacity` of a response if the request asks for it. */
export function consumedCapacity(
  requested: ReturnConsumedCapacity | undefined,
  consumed: () => Consumed,
): { ConsumedCapacity?: object } {
  return isRequested(requested) ? { ConsumedCapacity: asField(requested, consumed()) } : {};
}

/** Returns the field `ConsumedCapacity` of the response to a batch if the request asks for it. */
export function batchCapacity(
  requested: ReturnConsumedCapacity | undefined,
  unitsByTable: ReadonlyMap<string, number>,
): { ConsumedCapacity?: object } {
  if (!isRequested(requested)) return {};
  const fields = [...unitsByTable].map(([table, units]) => asField(requested, { table, units }));
  return { ConsumedCapacity: fields };
}

function isRequested(requested: ReturnConsumedCapacity | undefined): boolean {
  return requested === 'TOTAL' || requested === 'INDEXES';
}

function asField(requested: ReturnConsumedCapacity | undefined, { table, units, index }: Consumed): object {
  return {
    CapacityUnits: units + (index?.units ?? 0),
    TableName: table,
    ...(requested === 'INDEXES' && {
      Table: { CapacityUnits: units },
      ...(index && { GlobalSecondaryIndexes: { [index.name]: { CapacityUnits: index.units } } }),
    }),
  };
}
