import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { blogPostCreated, DetailType } from '../../model/events.ts';
import { removingMarker } from '../../model/outbox.ts';
import type { CreatedPost } from '../../model/post.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { Environment, environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { busEvent, putEvent } from './event-bus.ts';

/** A post has been announced and cannot be told from one that has not. */
export class MarkerLeft extends Error {}

/**
 * Announces a saved post: puts `BlogPostCreated` on the blog bus, always the same for the same post, then removes the
 * post's marker. Two at the same time do no harm.
 * @param url where the post is read
 * @throws {Error} when either fails, `MarkerLeft` when it is the second; the post is to be announced again
 */
export async function announce(post: CreatedPost, url: string): Promise<void> {
  await putEvent('blogBus', busEvent(DetailType.blogPostCreated, blogPostCreated(post, url)));
  try {
    await conditionally(
      table.send(
        new UpdateCommand({
          TableName: environment(Environment.postsTable),
          Key: { id: post.id },
          ...removingMarker,
        }),
      ),
    );
  } catch (cause) {
    throw new MarkerLeft('The event is put and the marker is still there: it will be put again.', { cause });
  }
}
