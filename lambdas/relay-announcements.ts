import { setTimeout } from 'node:timers/promises';
import { mailPause } from '../model/mail-budget.ts';
import { announce, MarkerLeft } from './events/announcement.ts';
import { pagesOfUnannounced, readUnannounced } from './posts/unannounced-posts.ts';
import { logger } from './runtime/logger.ts';

/**
 * The age in milliseconds from which a marker counts as left behind. `create-post` runs for at most
 * 29 s.
 */
const minAge = 60_000;

/** The time in milliseconds after which the relay leaves a post to the next run. */
const postLimit = 9_000;

/**
 * The remaining time in milliseconds below which no post is begun and no page is read. A page takes
 * three attempts of 3 s at worst.
 */
const spareTime = 11_000;

/** The part used of the context of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

/**
 * Runs every minute: announces the posts that `create-post` saved but did not announce. Throws,
 * after all posts, if any failed. A marker that cannot be removed ends the run, because each run
 * would announce every post again.
 */
export async function handler(_event: unknown, context: Context): Promise<void> {
  let failures = 0;
  let posts = 0;
  const fail = (what: string, details: Record<string, unknown>) => {
    logger.error(what, details);
    failures += 1;
  };
  try {
    for await (const id of unannouncedPosts(context)) {
      posts += 1;
      try {
        await relay(id);
      } catch (error) {
        fail('The post could not be announced.', { error, correlation_id: id });
        if (error instanceof MarkerLeft) break;
      }
    }
  } catch (error) {
    fail('Not all posts to announce could be read.', { error });
  }
  if (posts > 0) logger.info('The relay has run.', { posts, failures });
  if (failures > 0) throw new Error(`The run for ${posts} posts had ${failures} failures.`);
}

/** Yields the IDs of the posts with an old marker until the time is up. */
async function* unannouncedPosts(context: Context): AsyncGenerator<string> {
  const isTimeUp = () => {
    const isUp = context.getRemainingTimeInMillis() < spareTime;
    if (isUp) logger.warn('The time is up. The next run continues.');
    return isUp;
  };
  for await (const { ids, isLast } of pagesOfUnannounced(new Date(Date.now() - minAge))) {
    for (const id of ids) {
      if (isTimeUp()) return;
      yield id;
    }
    if (!isLast && isTimeUp()) return;
  }
}

/**
 * Announces a post, unless it was announced since the index was read. Then pauses, so that two
 * events are never put within one pause, however long a call takes.
 */
async function relay(id: string): Promise<void> {
  const limit = AbortSignal.timeout(postLimit);
  const unannounced = await readUnannounced(id, limit);
  if (!unannounced) return;
  try {
    await announce(unannounced.post, unannounced.origin, limit);
  } finally {
    await setTimeout(mailPause);
  }
}
