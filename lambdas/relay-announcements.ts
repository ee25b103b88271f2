import { setTimeout } from 'node:timers/promises';
import { GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { announce } from './announcement.ts';
import { Environment, environment } from './environment.ts';
import { logger } from './logger.ts';
import { OutboxMarker, outboxIndex } from './model/outbox.ts';
import { CreatedPost } from './model/post.ts';
import { table } from './table-client.ts';

/** How old a marker is before it is taken for left behind, in milliseconds: `create-post` lives for 29 s at most. */
const minAge = 60_000;

/** How many posts are announced at once, and how many are found by one read. */
const concurrency = 16;
const pageSize = 100;

/**
 * The time between two posts of one topic, in milliseconds. SNS suspends an e-mail subscription that gets more than 10
 * messages a second ("Amazon SNS endpoints and quotas"), and new posts come besides.
 */
const topicGap = 200;

/**
 * With less time left than this, in milliseconds, no post is begun, which is three calls, each three times 3 s at worst,
 * after the turns of all others under way, and no page is read.
 */
const spareTime = 29_000 + concurrency * topicGap;

/** The part used of the context of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

type Fail = (what: string, details: Record<string, unknown>) => void;

/** Every minute: announces the posts whose `create-post` did not. Throws, after the others, if any failed. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  let failures = 0;
  const fail: Fail = (what, details) => {
    logger.error(what, details);
    failures += 1;
  };
  const turnOf = turns();
  const posts = await pMap(
    unannouncedPosts(context, fail),
    (id) =>
      relay(id, turnOf).catch((error: unknown) =>
        fail('The post could not be announced.', { error, correlation_id: id }),
      ),
    { concurrency },
  );
  if (posts.length > 0) logger.info('The relay has run.', { posts: posts.length, failures });
  if (failures > 0) throw new Error(`The relay of ${posts.length} posts had failures: ${failures}.`);
}

/**
 * The ids of the posts with an old marker, read page by page as they are taken, until the time is up. A scan, because
 * the index has nothing but posts to announce: mostly none, which one call tells, where queries take one for each shard.
 * A page that cannot be read is the last one, and told to `fail` instead of thrown: the posts under way are still
 * waited for.
 */
async function* unannouncedPosts(context: Context, fail: Fail): AsyncGenerator<string> {
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
        if (isTimeUp()) return;
        yield id;
      }
      if (LastEvaluatedKey && isTimeUp()) return;
    }
  } catch (error) {
    fail('The posts to announce could not be read to the end.', { error });
  }
}

/** Gives what resolves when it is the turn of the next post of a topic. */
function turns(): (topic: string) => Promise<void> {
  const next = new Map<string, number>();
  return async (topic) => {
    const turn = Math.max(next.get(topic) ?? 0, Date.now());
    next.set(topic, turn + topicGap);
    if (turn > Date.now()) await setTimeout(turn - Date.now());
  };
}

/** Announces a post, unless that has been done since the index was read, which lags behind the table. */
async function relay(id: string, turnOf: (topic: string) => Promise<void>): Promise<void> {
  const { Item } = await table.send(
    new GetCommand({ TableName: environment(Environment.postsTable), Key: { id }, ConsistentRead: true }),
  );
  if (!Item?.outboxShard) return;
  const post = CreatedPost.parse(Item);
  await turnOf(post.topic);
  await announce(post, OutboxMarker.parse(Item).outboxUrl);
  logger.info('The post is announced.', { correlation_id: id });
}
