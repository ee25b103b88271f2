import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { PostId, string } from '../model/post.ts';
import { Tombstone, tombstone } from '../model/tombstone.ts';
import type { Stack } from './stack.ts';
import { readItem } from './stored-item.ts';

/** The parts of a stored item that its tombstone needs. The item itself may not be a valid post. */
const Removable = z.object({ id: PostId, topic: string, revision: z.optional(z.number()) });

/** The number of times that the post may change between the read and the write. */
const maxRounds = 10;

/**
 * Replaces a post by its tombstone. Its removal is then published and pushed like a change.
 * @returns the tombstone, `removed before` if there was one already, or `not found`
 * @throws {Error} if the item has no valid ID or no topic, so that its followers cannot be found
 */
export async function removePost(
  stack: Stack,
  id: string,
): Promise<Tombstone | 'removed before' | 'not found'> {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(stack.settings));
  const removalId = randomUUID();
  for (let round = 0; round < maxRounds; round++) {
    const { item, time } = await readItem(stack, id);
    if (!item) return 'not found';
    const { data: earlier } = Tombstone.safeParse(item);
    // The SDK repeats a put whose response is lost.
    if (earlier) return earlier.removalId === removalId ? earlier : 'removed before';
    const { data: removable } = Removable.safeParse(item);
    if (!removable)
      throw new Error(`The item ${id} has no topic or no valid ID. Delete it from the table instead.`);
    const { revision } = removable;
    const Item = tombstone(removable, removalId, time);
    try {
      // The tombstone must be above each revision that is published.
      await table.send(
        new PutCommand({
          TableName: stack.outputs.PostsTableName,
          Item,
          ConditionExpression:
            revision === undefined
              ? 'attribute_exists(id) AND attribute_not_exists(revision)'
              : 'revision = :revision',
          ...(revision !== undefined && { ExpressionAttributeValues: { ':revision': revision } }),
        }),
      );
      return Item;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  throw new Error(`The post ${id} changed ${maxRounds} times meanwhile. Try again.`);
}
