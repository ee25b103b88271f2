import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Stack } from './stack.ts';

/** Reads the item of a post consistently: a post, a tombstone, or neither. */
export async function readItem(
  { settings, outputs }: Stack,
  id: string,
): Promise<Record<string, unknown> | undefined> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const TableName = outputs.PostsTableName;
  return (await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
}
