import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { Done, Store } from 'dynalite/db/index.js';
import * as z from 'zod/mini';
import type { TableProperties } from './table-resource.ts';
import { fileOf, loadValidation } from './validation.ts';

/**
 * Validates the keys and indexes of a table, of the template or of dynalite, which adds more fields
 * to each.
 */
const Shape = z.object({
  KeySchema: z.unknown(),
  AttributeDefinitions: z.array(z.unknown()),
  GlobalSecondaryIndexes: z._default(
    z.array(z.object({ IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() })),
    [],
  ),
});

type CreateTable = (store: Store, request: object, done: Done) => void;

/** Creates a table unless it exists. Returns `false` if it exists with other keys or indexes. */
export async function createTable(store: Store, name: string, properties: TableProperties): Promise<boolean> {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = Shape.parse(properties);
  const kept = await activeTable(store, name);
  if (kept) {
    return (
      isDeepStrictEqual(kept.KeySchema, KeySchema) &&
      isDeepStrictEqual(new Set(kept.AttributeDefinitions), new Set(AttributeDefinitions)) &&
      isDeepStrictEqual(new Set(kept.GlobalSecondaryIndexes), new Set(GlobalSecondaryIndexes))
    );
  }
  // An interrupted creation leaves a table that never becomes active.
  await promisify(store.tableDb.del)(name);
  const validate = await loadValidation('CreateTable', store);
  const { default: create }: { default: CreateTable } = await import(
    `dynalite/actions/${fileOf('CreateTable')}`
  );
  const request = validate({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema,
    AttributeDefinitions,
    ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
  });
  await promisify(create)(store, request);
  while (!(await activeTable(store, name))) await setImmediate();
  return true;
}

async function activeTable(store: Store, name: string): Promise<z.infer<typeof Shape> | undefined> {
  const description = await promisify(store.tableDb.get)(name);
  const active = z.extend(Shape, { TableStatus: z.literal('ACTIVE') }).safeParse(description);
  return active.data;
}
