import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { StreamBatch } from './dead-letter.ts';
import type { Stack } from './stack.ts';

/**
 * The maximum difference, in milliseconds, between the clock of a post's `updatedAt` and that of
 * its record in the stream.
 */
const clockSkew = 60_000;

/**
 * Yields, page by page, the stored posts whose last change was made while the records of one of the
 * batches arrived. It scans the whole table once. A later change of a post has its own record. A
 * new post without a change is not among them: the stream keeps a record for longer than a
 * connection lasts, so nobody waits for the post any more.
 */
export async function* changedPosts(
  { settings, outputs }: Stack,
  batches: StreamBatch[],
): AsyncGenerator<Record<string, AttributeValue>[]> {
  const windows = batches.map(({ approximateArrivalOfFirstRecord, approximateArrivalOfLastRecord }) => ({
    from: Date.parse(approximateArrivalOfFirstRecord) - clockSkew,
    to: Date.parse(approximateArrivalOfLastRecord) + clockSkew,
  }));
  // Not with `Math.min(...)`: there can be more windows than a call can have arguments.
  const first = windows.reduce((earliest, { from }) => Math.min(earliest, from), Number.POSITIVE_INFINITY);
  const last = windows.reduce((latest, { to }) => Math.max(latest, to), 0);
  const pages = paginateScan(
    { client: new DynamoDBClient(settings) },
    {
      TableName: outputs.PostsTableName,
      // One range for all windows: an expression has at most 4 KB, too few for the windows of a
      // long outage.
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
