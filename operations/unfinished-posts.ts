import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Stack } from './stack.ts';

/** The age, in milliseconds, from which on a post that has been neither enriched nor marked counts as forgotten. */
export const unfinishedAge = 10 * 60_000;

/**
 * The stored posts older than ten minutes that are neither enriched nor marked as not to be enriched, nor wait for the
 * relay to announce them; read page by page through the whole table. What is stored may not be a post.
 * @param except the ids of posts that are not given all the same
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
