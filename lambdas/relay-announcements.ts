import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import { announce, MarkerLeft } from './events/announcement.ts';
import { pagesOfUnannounced, readUnannounced } from './posts/unannounced-posts.ts';
import { logger } from './runtime/logger.ts';

/**
 * The age in milliseconds from which a marker counts as left behind. `create-post` runs for at most
 * 29 s.
 */
const minAge = 60_000;

/** The number of posts that are announced concurrently. */
const concurrency = 16;

/**
 * The time between two posts in milliseconds, for eight posts a second. SNS suspends an e-mail
 * subscription that receives more than 10 messages a second ("Amazon SNS endpoints and quotas"),
 * Comprehend allows 20 calls a second ("Guidelines and quotas"), and new posts add to both.
 */
const gap = 125;

/**
 * The remaining time in milliseconds below which no post is begun and no page is read. A post takes
 * three calls, each with three attempts of 3 s at worst.
 */
const spareTime = 29_000;

/** The part used of the context of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

type Fail = (what: string, details: Record<string, unknown>) => void;

/**
 * Runs every minute: announces the posts that `create-post` saved but did not announce. Throws,
 * after all posts, if any failed. A marker that cannot be removed ends the run, because each run
 * would announce every post again.
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
  if (failures > 0) throw new Error(`The run for ${posts.length} posts had ${failures} failures.`);
}

/**
 * Yields the IDs of the posts with an old marker, with a pause after each, until the time is up or
 * `halt` is aborted. An index that cannot be read to its end is reported to `fail` instead of
 * thrown, so that the handler still waits for the posts in flight.
 */
async function* unannouncedPosts(context: Context, halt: AbortSignal, fail: Fail): AsyncGenerator<string> {
  const isTimeUp = () => {
    const isUp = context.getRemainingTimeInMillis() < spareTime;
    if (isUp) logger.warn('The time is up. The next run continues.');
    return isUp;
  };
  try {
    for await (const { ids, isLast } of pagesOfUnannounced(new Date(Date.now() - minAge))) {
      for (const id of ids) {
        if (halt.aborted || isTimeUp()) return;
        yield id;
        await setTimeout(gap);
      }
      if (!isLast && isTimeUp()) return;
    }
  } catch (error) {
    fail('Not all posts to announce could be read.', { error });
  }
}

/** Announces a post, unless it was announced since the index was read. */
async function relay(id: string): Promise<void> {
  const unannounced = await readUnannounced(id);
  if (!unannounced) return;
  await announce(unannounced.post, unannounced.url);
  logger.info('The post is announced.', { correlation_id: id });
}
