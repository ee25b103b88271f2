import { createHmac } from 'node:crypto';
import { Environment, environment } from '../runtime/environment.ts';
import type { Feed } from './post-feed.ts';

/**
 * The cursor of the page that goes on behind a position in a feed: both in base64url, the position and a seal of the
 * feed and the position. The seal makes a position that somebody has invented an error instead of a wrong page. It guards
 * no secret, since anybody may read all posts; so its key is the name of the Posts table.
 */
export function cursorBehind(position: string, { indexName, partitions }: Feed): string {
  const seal = createHmac('sha256', environment(Environment.postsTable))
    .update(JSON.stringify([indexName, partitions, position]))
    .digest('base64url')
    .slice(0, 22);
  return Buffer.from(`${position}#${seal}`).toString('base64url');
}

/** The position behind which a page goes on; nothing if the cursor is none of this feed. */
export function positionIn(feed: Feed, cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(0, text.lastIndexOf('#'));
  return cursorBehind(position, feed) === cursor ? position : undefined;
}
