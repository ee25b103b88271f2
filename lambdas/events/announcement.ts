import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { blogPostCreated, DetailType, eventSource } from '../../model/events.ts';
import { removingMarker } from '../../model/outbox.ts';
import type { CreatedPost } from '../../model/post.ts';
import { Environment, environment } from '../runtime/environment.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';
import { table } from '../runtime/table-client.ts';

const eventBridge = new EventBridgeClient(sdkSettings);

/** A post has been announced and cannot be told from one that has not. */
export class MarkerLeft extends Error {}

/**
 * Announces a saved post: puts `BlogPostCreated` on the blog bus, always the same for the same post, then removes the
 * post's marker. Two at the same time do no harm.
 * @param url where the post is read
 * @throws {Error} when either fails, `MarkerLeft` when it is the second; the post is to be announced again
 */
export async function announce(post: CreatedPost, url: string): Promise<void> {
  await putEvent(post, url);
  try {
    await table.send(
      new UpdateCommand({
        TableName: environment(Environment.postsTable),
        Key: { id: post.id },
        ...removingMarker,
      }),
    );
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return;
    throw new MarkerLeft('The event is put and the marker is still there: it will be put again.', { cause });
  }
}

async function putEvent(post: CreatedPost, url: string): Promise<void> {
  const { FailedEntryCount, Entries } = await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: environment(Environment.blogBus),
          Source: eventSource,
          DetailType: DetailType.blogPostCreated,
          Detail: JSON.stringify(blogPostCreated(post, url)),
        },
      ],
    }),
  );
  if (FailedEntryCount) throw new Error(`The bus refused the event: ${JSON.stringify(Entries)}`);
}
