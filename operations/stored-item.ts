import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Stack } from './stack.ts';

const Dated = z.object({ headers: z.object({ date: z.string() }) });

/** What the Posts table has under an ID: a post, a tombstone, or neither. */
export interface StoredItem {
  item: Record<string, unknown> | undefined;
  /** When the table answered, by the clock of AWS, to the second: the operator's can be wrong. */
  time: Date;
}

/** Reads the item of a post consistently. */
export async function readItem({ settings, outputs }: Stack, id: string): Promise<StoredItem> {
  const client = new DynamoDBClient(settings);
  let time = new Date();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { data: response } = Dated.safeParse(result.response);
      if (response) time = new Date(response.headers.date);
      return result;
    },
    { step: 'deserialize' },
  );
  const { Item: item } = await DynamoDBDocumentClient.from(client).send(
    new GetCommand({ TableName: outputs.PostsTableName, Key: { id }, ConsistentRead: true }),
  );
  return { item, time };
}
