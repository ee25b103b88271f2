import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Table } from 'dynalite/db/index.js';
import * as z from 'zod/mini';
import type { TableProperties } from './table-resource.ts';
import { loadValidation } from './validation.ts';

/** Validates the keys and indexes of a table, of the template or of a description. */
const Shape = z.object({
  KeySchema: z.unknown(),
  AttributeDefinitions: z.array(z.unknown()),
  GlobalSecondaryIndexes: z._default(
    z.array(z.object({ IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() })),
    [],
  ),
});

/** Returns whether a table has the keys and the indexes of the template. */
export function hasShapeOf(table: Table, properties: TableProperties): boolean {
  const [kept, wanted] = [Shape.parse(table), Shape.parse(properties)];
  return (
    isDeepStrictEqual(kept.KeySchema, wanted.KeySchema) &&
    isDeepStrictEqual(new Set(kept.AttributeDefinitions), new Set(wanted.AttributeDefinitions)) &&
    isDeepStrictEqual(new Set(kept.GlobalSecondaryIndexes), new Set(wanted.GlobalSecondaryIndexes))
  );
}

/**
 * Returns the description of a new table ("TableDescription" in the API reference).
 * @param now in milliseconds since the epoch
 * @throws {AwsError} if DynamoDB refuses such a table
 */
export async function newTable(
  { name, arn, properties }: { name: string; arn: string; properties: TableProperties },
  now: number,
): Promise<Table> {
  const { GlobalSecondaryIndexes, ...shape } = Shape.parse(properties);
  const validate = await loadValidation<Pick<Table, 'KeySchema' | 'AttributeDefinitions'> & Partial<Table>>(
    'CreateTable',
  );
  const table = validate({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    ...shape,
    ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
  });
  const counts = { ItemCount: 0 };
  const ProvisionedThroughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 };
  return {
    TableName: name,
    TableArn: arn,
    TableId: randomUUID(),
    TableStatus: 'ACTIVE',
    CreationDateTime: now / 1000,
    KeySchema: table.KeySchema,
    AttributeDefinitions: table.AttributeDefinitions,
    ...(table.GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map((index) => ({
        ...index,
        ...counts,
        IndexArn: `${arn}/index/${index.IndexName}`,
        IndexStatus: 'ACTIVE',
        IndexSizeBytes: 0,
        ProvisionedThroughput,
      })),
    }),
    ...counts,
    TableSizeBytes: 0,
    ProvisionedThroughput,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: now / 1000 },
    TableThroughputModeSummary: { TableThroughputMode: 'PAY_PER_REQUEST' },
  };
}
