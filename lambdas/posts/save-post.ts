import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { parse } from '../../model/parse.ts';
import { CreatedPost, Revision } from '../../model/post.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';
import { outboxMarker } from './outbox-marker.ts';
import { feedKeys } from './post-feed.ts';
import { tombstoneIn } from './stored-post.ts';

/** What is announced of a new post besides the post. */
export interface Origin {
  /** Where the post is read. */
  url: string;
  /** The ID of the request that created the post; absent if it was saved by an earlier release. */
  requestId?: string | undefined;
}

/**
 * Saves a post with its outbox marker, unless a post with its ID is stored. The SDK retries a put
 * whose response is late or lost; the first attempt to arrive saves the post, and a later one
 * changes nothing. The marker, which no other request has, lets the put recognize its own earlier
 * attempt.
 * @returns the stored post, if another request saved it, or `removed` if that post was removed
 */
export async function savePost(
  post: CreatedPost,
  { url, requestId }: Origin,
): Promise<CreatedPost | 'removed' | undefined> {
  const marker = outboxMarker(post, url);
  const write = await conditionally(
    table.send(
      new PutItemCommand({
        TableName: environment(POSTS_TABLE),
        Item: marshall({
          ...post,
          ...feedKeys(post),
          ...(requestId !== undefined && { requestId }),
          revision: Revision.created,
          ...marker,
        }),
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );
  if (write.done || write.stored?.outboxSince === marker.outboxSince) return undefined;
  if (tombstoneIn(write.stored)) return 'removed';
  return parse(CreatedPost, write.stored, 'The stored post');
}
