import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { StreamBatch } from './dead-letter.ts';
import type { Stack } from './stack.ts';

/** How far the clocks may be apart that date a post's change and its record in the stream, in milliseconds. */
const clockSkew = 60_000;

/**
 * The stored posts that were last changed while the records of one of these batches arrived, read page by page in one
 * scan of the whole table. A later change has a record of its own.
 */
export async function* changedPosts(
  { settings, outputs }: Stack,
  batches: StreamBatch[],
): AsyncGenerator<Record<string, AttributeValue>[]> {
  const windows = batches.map(({ approximateArrivalOfFirstRecord, approximateArrivalOfLastRecord }) => ({
    from: Date.parse(approximateArrivalOfFirstRecord) - clockSkew,
    to: Date.parse(approximateArrivalOfLastRecord) + clockSkew,
  }));
  // Not spread into one call: there may be more than a call takes.
  const first = windows.reduce((earliest, { from }) => Math.min(earliest, from), Number.POSITIVE_INFINITY);
  const last = windows.reduce((latest, { to }) => Math.max(latest, to), 0);
  const pages = paginateScan(
    { client: new DynamoDBClient(settings) },
    {
      TableName: outputs.PostsTableName,
      // Which window it is in is seen here: an expression has 4 KB at most, too few for the windows of a long outage.
      FilterExpression: 'updatedAt BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':first': { S: new Date(first).toISOString() },
        ':last': { S: new Date(last).toISOString() },
      },
    },
  );
  for await (const { Items = [] } of pages)
    yield Items.filter(({ updatedAt }) => {
      const time = Date.parse(updatedAt?.S ?? '');
      return windows.some(({ from, to }) => from <= time && time <= to);
    });
}
