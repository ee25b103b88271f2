import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Stack } from './stack.ts';

/**
 * The age, in milliseconds, from which a post that is neither enriched nor marked counts as
 * forgotten.
 */
export const unfinishedAge = 10 * 60_000;

/**
 * Yields the stored posts older than ten minutes that are not enriched, are not marked as
 * impossible to enrich, and do not wait for the relay. It scans the whole table. An item may not be
 * a valid post.
 * @param except the IDs of posts to leave out
 */
export async function* unfinishedPosts(
  { settings, outputs }: Stack,
  now: number,
  except: ReadonlySet<string>,
): AsyncGenerator<Record<string, unknown>> {
  const pages = paginateScan(
    { client: DynamoDBDocumentClient.from(new DynamoDBClient(settings)) },
    {
      TableName: outputs.PostsTableName,
      FilterExpression:
        'attribute_not_exists(entities) AND attribute_not_exists(enrichment) ' +
        'AND attribute_not_exists(outboxShard) AND createdAt < :before',
      ExpressionAttributeValues: { ':before': new Date(now - unfinishedAge).toISOString() },
    },
  );
  for await (const { Items = [] } of pages) yield* Items.filter(({ id }) => !except.has(id));
}
