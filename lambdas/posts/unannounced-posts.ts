import { GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { outboxIndex } from '../../model/outbox.ts';
import { parse } from '../../model/parse.ts';
import { CreatedPost } from '../../model/post.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { OutboxMarker } from './outbox-marker.ts';
import type { Origin } from './save-post.ts';

const pageSize = 100;

const Announcement = z.extend(OutboxMarker, { requestId: z.optional(z.string()) });

const Entries = z.array(z.object({ id: z.string() }));

/**
 * Reads, page by page, the IDs of the posts whose marker is older than a time. The index contains
 * only the posts to announce, usually none, so a scan takes one call and queries would take one for
 * each shard.
 */
export async function* pagesOfUnannounced(before: Date): AsyncGenerator<{ ids: string[]; isLast: boolean }> {
  const pages = paginateScan(
    { client: table, pageSize },
    {
      TableName: environment(POSTS_TABLE),
      IndexName: outboxIndex,
      FilterExpression: 'outboxSince < :before',
      ExpressionAttributeValues: marshall({ ':before': before.toISOString() }),
    },
  );
  for await (const { Items = [], LastEvaluatedKey } of pages) {
    const items = Items.map((item) => unmarshall(item));
    yield { ids: parse(Entries, items, 'The index').map(({ id }) => id), isLast: !LastEvaluatedKey };
  }
}

/**
 * Reads a post that is not announced yet, and the rest of its event. Reads consistently, because the
 * index lags behind the table. Returns nothing if the post is announced or deleted.
 */
export async function readUnannounced(
  id: string,
  abortSignal: AbortSignal,
): Promise<{ post: CreatedPost; origin: Origin } | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment(POSTS_TABLE), Key: marshall({ id }), ConsistentRead: true }),
    { abortSignal },
  );
  if (!Item?.outboxShard) return undefined;
  const item = unmarshall(Item);
  const post = parse(CreatedPost, item, 'The stored post');
  const { outboxUrl: url, requestId } = parse(Announcement, item, 'The marker of the post');
  return { post, origin: { url, requestId } };
}
