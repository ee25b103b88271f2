import { createHmac } from 'node:crypto';
import { environment } from '../runtime/environment.ts';
import { POSTS_TABLE } from './environment.ts';
import type { Feed } from './post-feed.ts';

/**
 * Returns the cursor of the page after a position in a feed: the position and a signature of the
 * feed and the position, in base64url. The signature turns a made-up position into an error instead
 * of a wrong page. It guards no secret, since anybody may read all posts: its key is the name of
 * the Posts table.
 */
export function cursorBehind(position: string, { indexName, partitions }: Feed): string {
  const seal = createHmac('sha256', environment(POSTS_TABLE))
    .update(JSON.stringify([indexName, partitions, position]))
    .digest('base64url')
    .slice(0, 22);
  return Buffer.from(`${position}#${seal}`).toString('base64url');
}

/**
 * Returns the position after which a page continues, or nothing if the cursor is not one of this
 * feed.
 */
export function positionIn(feed: Feed, cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(0, text.lastIndexOf('#'));
  return cursorBehind(position, feed) === cursor ? position : undefined;
}
