import type { AttributeValue } from 'aws-lambda';
import db, { type Index, type Item, type KeyElement, type Table } from 'dynalite/db/index.js';
import { typeOf } from './expressions/comparison.ts';
import type { DocumentPath } from './expressions/document-path.ts';
import { validationError } from './validation-error.ts';

/** The size limits of keys ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_BYTES = { HASH: 2048, RANGE: 1024 };

/**
 * Returns a key.
 * @throws if it does not have the attributes of the table's primary key
 */
export function validKey(key: Item, table: Table): Item {
  const invalid = db.validateKey(key, table);
  if (invalid) throw invalid;
  refuseLarge(key, table.KeySchema);
  return key;
}

/**
 * Returns an item.
 * @throws if its attributes cannot be keys of the table or of an index
 */
export function validItem(item: Item, table: Table): Item {
  const invalid = db.validateItem(item, table);
  if (invalid) throw invalid;
  refuseLarge(item, table.KeySchema);
  for (const index of table.GlobalSecondaryIndexes ?? [])
    refuseIndexKeys(item, table, index, {
      reason: 'A value specified for a secondary index key is not supported.',
      where: (name) => ` IndexName: ${index.IndexName}, IndexKey: ${name}`,
    });
  return item;
}

/** Throws if attributes that an update has changed cannot be keys of an index. */
export function refuseUpdatedIndexKeys(before: Item | undefined, after: Item, table: Table): void {
  const changed = Object.entries(after).filter(([name, value]) => value !== before?.[name]);
  const item = Object.fromEntries(changed);
  const reason =
    'The update expression attempted to update a secondary index key to a value that is not supported.';
  for (const index of table.GlobalSecondaryIndexes ?? [])
    refuseIndexKeys(item, table, index, { reason, where: () => '' });
}

/** Throws if a path leads into an attribute that is a key, which is always a scalar. */
export function refuseNestedKeys(paths: readonly DocumentPath[], table: Table): void {
  const nested = paths.filter(({ length }) => length > 1).map(([name]) => [name, true] as const);
  if (nested.length === 0) return;
  const invalid = db.validateKeyPaths(Object.fromEntries(nested), table);
  if (invalid) throw invalid;
}

/** The text of the error for an empty key. */
interface EmptyKey {
  reason: string;
  where: (name: string) => string;
}

function refuseIndexKeys(item: Item, table: Table, index: Index, { reason, where }: EmptyKey): void {
  for (const { AttributeName: name } of index.KeySchema) {
    const value = item[name];
    if (!value) continue;
    const expected = table.AttributeDefinitions.find(
      ({ AttributeName }) => AttributeName === name,
    )?.AttributeType;
    if (typeOf(value) !== expected)
      throw validationError(
        'One or more parameter values were invalid: Type mismatch for Index Key ' +
          `${name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.IndexName}`,
      );
    if (value.S === '' || value.B === '')
      throw validationError(
        `One or more parameter values are not valid. ${reason} The AttributeValue for a key attribute ` +
          `cannot contain an empty ${value.S === '' ? 'string' : 'binary'} value.${where(name)}`,
      );
  }
  refuseLarge(item, index.KeySchema);
}

function refuseLarge(item: Item, schema: readonly KeyElement[]): void {
  for (const { AttributeName, KeyType } of schema) {
    const value = item[AttributeName];
    if (value && bytesOf(value) > MAXIMUM_BYTES[KeyType])
      throw validationError(
        KeyType === 'HASH'
          ? 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'
          : 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
      );
  }
}

function bytesOf({ S, B }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  return B === undefined ? 0 : Buffer.byteLength(B, 'base64');
}
