import { randomUUID } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { CreatedPost } from '../../model/post.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';

/**
 * The attributes that mark a stored post whose creation is not announced yet. One write saves the
 * post and its marker, so that no saved post lacks its announcement.
 */
export const OutboxMarker = z.object({
  /**
   * A number from `0` to `15`. It spreads the posts over partitions, each of which takes 1,000
   * writes a second.
   */
  outboxShard: z.string(),
  /** The post's time of creation and a random part, which makes it unique to this marker. */
  outboxSince: z.string(),
  /** The URL of the post in the event. */
  outboxUrl: z.string(),
});
export type OutboxMarker = z.infer<typeof OutboxMarker>;

/**
 * Returns a new marker of a post that is read at `url`. The last hexadecimal digit of the post's
 * ID, which is random, chooses the shard.
 */
export function outboxMarker({ id, createdAt }: CreatedPost, url: string): OutboxMarker {
  return {
    outboxShard: String(Number.parseInt(id.slice(-1), 16)),
    outboxSince: `${createdAt}#${randomUUID()}`,
    outboxUrl: url,
  };
}

/**
 * Removes the marker of a post, if the post exists and has one. Readers see no change, so the
 * revision stays the same.
 */
export async function markAnnounced(id: string, abortSignal?: AbortSignal): Promise<void> {
  await conditionally(
    table.send(
      new UpdateItemCommand({
        TableName: environment(POSTS_TABLE),
        Key: marshall({ id }),
        UpdateExpression: 'REMOVE outboxShard, outboxSince, outboxUrl',
        ConditionExpression: 'attribute_exists(outboxShard)',
      }),
      abortSignal && { abortSignal },
    ),
  );
}
