import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { REQUEST_LIMITS_TABLE } from './environment.ts';
import { pendingSeconds } from './rate-limit.ts';

/** An item of the RequestLimits table: the filter policy with which SNS has accepted an address. */
const RequestedFilter = z.object({ filterPolicy: z.string(), expiresAt: z.number() });
type RequestedFilter = z.infer<typeof RequestedFilter>;

/**
 * Remembers the filter policy with which SNS has accepted an address, for as long as the
 * subscription can be pending.
 * @param limit the key of the item, of the kind `filter`
 */
export async function rememberFilter(limit: string, filterPolicy: string): Promise<void> {
  const item: RequestedFilter = { filterPolicy, expiresAt: Math.ceil(Date.now() / 1000) + pendingSeconds };
  await table.send(
    new PutItemCommand({
      TableName: environment(REQUEST_LIMITS_TABLE),
      Item: marshall({ limit, ...item }),
    }),
  );
}

/** Returns the filter policy with which SNS last accepted an address, if it was in the last 48 hours. */
export async function rememberedFilter(limit: string): Promise<string | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({
      TableName: environment(REQUEST_LIMITS_TABLE),
      Key: marshall({ limit }),
      ConsistentRead: true,
    }),
  );
  if (!Item) return undefined;
  const { filterPolicy, expiresAt } = parse(RequestedFilter, unmarshall(Item), 'The requested filter');
  return expiresAt > Date.now() / 1000 ? filterPolicy : undefined;
}
