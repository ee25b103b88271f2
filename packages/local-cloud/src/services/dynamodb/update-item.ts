import type { Item } from 'dynalite/db/index.js';
import { consumedCapacity, writeUnits } from './consumed-capacity.ts';
import { projectionOf } from './expressions/projection.ts';
import type { BoundUpdate } from './expressions/update.ts';
import { itemSize } from './item-size.ts';
import { refuseNestedKeys, refuseUpdatedIndexKeys, validKey } from './keys.ts';
import type { Writer } from './stream.ts';
import type { Tables } from './tables.ts';
import { validationError } from './validation-error.ts';
import { type ConditionalRequest, checkCondition } from './writes.ts';

export interface UpdateItemRequest extends ConditionalRequest {
  Key: Item;
  ReturnValues?: 'NONE' | 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW';
}

/** The size limit of an item ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_BYTES = 400 * 1024;

const noUpdate: BoundUpdate = { applyTo: (item) => item, changed: [], read: [] };

/** Answers `UpdateItem`. */
export async function updateItem(
  tables: Tables,
  request: UpdateItemRequest,
  writer: Writer,
): Promise<object> {
  const table = tables.table(request.TableName);
  const key = validKey(request.Key, table);
  const { update = noUpdate, condition } = request;
  const part = table.KeySchema.find(({ AttributeName }) =>
    update.changed.some(([name]) => name === AttributeName),
  );
  if (part)
    throw validationError(
      `One or more parameter values were invalid: Cannot update attribute ${part.AttributeName}. ` +
        'This attribute is part of the key',
    );
  refuseNestedKeys([...update.changed, ...update.read, ...(condition?.paths ?? [])], table);
  let [before, after]: [Item | undefined, Item] = [undefined, key];
  await tables.write(table, key, writer, (found) => {
    checkCondition(request, found);
    before = found;
    after = update.applyTo(found ?? key);
    refuseUpdatedIndexKeys(found, after, table);
    if (itemSize(after) > MAXIMUM_BYTES)
      throw validationError('Item size to update has exceeded the maximum allowed size');
    return after;
  });
  return {
    ...returnedAttributes(request, update, before, after),
    ...consumedCapacity(request.ReturnConsumedCapacity, () => ({
      table: table.TableName,
      units: writeUnits(before, after),
    })),
  };
}

function returnedAttributes(
  { ReturnValues = 'NONE' }: UpdateItemRequest,
  { changed }: BoundUpdate,
  before: Item | undefined,
  after: Item,
): { Attributes?: Item } {
  const item = ReturnValues.endsWith('NEW') ? after : before;
  if (!item || ReturnValues === 'NONE') return {};
  if (ReturnValues.startsWith('ALL')) return { Attributes: item };
  const Attributes = projectionOf(changed).of(item);
  return Object.keys(Attributes).length > 0 ? { Attributes } : {};
}
