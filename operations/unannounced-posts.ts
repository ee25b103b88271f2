import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { outboxIndex } from '../model/outbox.ts';
import type { Stack } from './stack.ts';

/**
 * The age, in milliseconds, by which the relay has announced a post that `create-post` did not
 * announce.
 */
const relayedAge = 3 * 60_000;

/**
 * Returns how many posts older than three minutes wait for the relay. The index contains only posts
 * to announce.
 */
export async function countUnannounced({ settings, outputs }: Stack, now: number): Promise<number> {
  const pages = paginateScan(
    { client: new DynamoDBClient(settings) },
    {
      TableName: outputs.PostsTableName,
      IndexName: outboxIndex,
      Select: 'COUNT',
      FilterExpression: 'outboxSince < :before',
      ExpressionAttributeValues: { ':before': { S: new Date(now - relayedAge).toISOString() } },
    },
  );
  let count = 0;
  for await (const { Count = 0 } of pages) count += Count;
  return count;
}
