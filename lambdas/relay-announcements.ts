import { setTimeout } from 'node:timers/promises';
import { GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { outboxIndex } from '../model/outbox.ts';
import { CreatedPost } from '../model/post.ts';
import { announce, MarkerLeft } from './events/announcement.ts';
import { OutboxMarker } from './posts/outbox-marker.ts';
import { Environment, environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { table } from './runtime/table-client.ts';

/** How old a marker is before it is taken for left behind, in milliseconds: `create-post` lives for 29 s at most. */
const minAge = 60_000;

/** How many posts are announced at once, and how many are found by one read. */
const concurrency = 16;
const pageSize = 100;

/**
 * The time between two posts, in milliseconds: eight a second. SNS suspends an e-mail subscription that gets more than 10
 * messages a second ("Amazon SNS endpoints and quotas"), Comprehend allows 20 calls a second ("Guidelines and quotas"),
 * and new posts come besides.
 */
const gap = 125;

/**
 * With less time left than this, in milliseconds, no post is begun, which is three calls, each three times 3 s at worst,
 * and no page is read.
 */
const spareTime = 29_000;

/** The part used of the context of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

type Fail = (what: string, details: Record<string, unknown>) => void;

/**
 * Every minute: announces the posts whose `create-post` did not. Throws, after the others, if any failed. A marker that
 * cannot be removed ends the run: every post would be announced again, and again the next minute.
 */
export async function handler(_event: unknown, context: Context): Promise<void> {
  let failures = 0;
  const halt = new AbortController();
  const fail: Fail = (what, details) => {
    logger.error(what, details);
    failures += 1;
  };
  const posts = await pMap(
    unannouncedPosts(context, halt.signal, fail),
    (id) =>
      relay(id).catch((error: unknown) => {
        if (error instanceof MarkerLeft) halt.abort();
        fail('The post could not be announced.', { error, correlation_id: id });
      }),
    { concurrency },
  );
  if (posts.length > 0) logger.info('The relay has run.', { posts: posts.length, failures });
  if (failures > 0) throw new Error(`The relay of ${posts.length} posts had failures: ${failures}.`);
}

/**
 * The ids of the posts with an old marker, read page by page as they are taken, with a pause after each, until the time
 * is up or `halt` says so. A scan, because
 * the index has nothing but posts to announce: mostly none, which one call tells, where queries take one for each shard.
 * A page that cannot be read is the last one, and told to `fail` instead of thrown: the posts under way are still
 * waited for.
 */
async function* unannouncedPosts(context: Context, halt: AbortSignal, fail: Fail): AsyncGenerator<string> {
  const isTimeUp = () => {
    const isUp = context.getRemainingTimeInMillis() < spareTime;
    if (isUp) logger.warn('The time is up: the next run goes on.');
    return isUp;
  };
  try {
    const pages = paginateScan(
      { client: table, pageSize },
      {
        TableName: environment(Environment.postsTable),
        IndexName: outboxIndex,
        FilterExpression: 'outboxSince < :before',
        ExpressionAttributeValues: { ':before': new Date(Date.now() - minAge).toISOString() },
      },
    );
    for await (const { Items = [], LastEvaluatedKey } of pages) {
      for (const { id } of z.array(z.object({ id: z.string() })).parse(Items)) {
        if (halt.aborted || isTimeUp()) return;
        yield id;
        await setTimeout(gap);
      }
      if (LastEvaluatedKey && isTimeUp()) return;
    }
  } catch (error) {
    fail('The posts to announce could not be read to the end.', { error });
  }
}

/** Announces a post, unless that has been done since the index was read, which lags behind the table. */
async function relay(id: string): Promise<void> {
  const { Item } = await table.send(
    new GetCommand({ TableName: environment(Environment.postsTable), Key: { id }, ConsistentRead: true }),
  );
  if (!Item?.outboxShard) return;
  await announce(CreatedPost.parse(Item), OutboxMarker.parse(Item).outboxUrl);
  logger.info('The post is announced.', { correlation_id: id });
}
