import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Feed } from '../feed.ts';
import { type FeedFilter, isNamed } from '../feed-filter.ts';
import type { LiveConnection } from '../live-connection.ts';
import { onWakeUp } from '../wake-up.ts';
import { FeedNotices } from './feed-notices.tsx';
import { NewPosts } from './new-posts.tsx';
import { bringIntoView, focusNext, PostCard } from './post-card.tsx';
import { ReadingFailure } from './reading-failure.tsx';

interface FeedViewProps {
  feed: Feed;
  filter: FeedFilter;
  live: LiveConnection;
  /** The post that the author saved last. It is marked, and comes into view when it is saved. */
  saved: Post | undefined;
}

/** The posts of a feed. It reads them at first and after each new connection. */
export function FeedView({ feed, filter, live, saved }: FeedViewProps) {
  const { posts: read, waiting: arrived, reading, failure, hasMore } = feed.state.value;
  const { name } = filter;
  const waiting = useMemo(() => arrived.filter(isNamed(filter)), [arrived, name]);
  const posts = useMemo(() => {
    const named = isNamed(filter);
    return read.filter((post) => named(post) || post.id === saved?.id);
  }, [read, name, saved]);
  const liveState = live.state.value;
  const opened = liveState.status === 'live' ? liveState.opened : undefined;
  useEffect(() => {
    if (read.length === 0 || opened !== undefined) feed.refresh();
  }, [feed, opened]);
  useEffect(() => onWakeUp(() => feed.retryNow()), [feed]);
  const lastShown = useRef(saved);
  useEffect(() => {
    if (saved && saved !== lastShown.current && isInComposer(document.activeElement)) bringIntoView(saved);
    lastShown.current = saved;
  }, [saved]);
  const [newest, setNewest] = useState<Post>();
  useEffect(() => {
    if (newest) bringIntoView(newest);
  }, [newest]);
  const showWaiting = () => {
    feed.showWaiting(waiting);
    setNewest(waiting[0]);
  };
  const cards = useMemo(
    () => posts.map((post) => <PostCard key={post.id} post={post} isSaved={post.id === saved?.id} />),
    [posts, saved],
  );
  const readMore = async () => {
    const last = posts.at(-1);
    await feed.readMore();
    // The button disappears after the oldest posts, and takes the focus with it.
    if (last && document.activeElement === document.body) focusNext(last);
  };
  return (
    <section id="posts" tabIndex={-1} aria-label="Posts" aria-busy={reading}>
      <NewPosts waiting={waiting} show={showWaiting} />
      <FeedNotices feed={feed} filter={filter} shown={posts.length} />
      {cards}
      {failure?.part === 'older' && (
        <ReadingFailure
          what="Older posts could not be read"
          failure={failure}
          isReading={reading}
          read={() => feed.readMore()}
        />
      )}
      {hasMore && (
        <button type="button" class="more quiet" aria-disabled={reading} onClick={readMore}>
          {reading ? 'Reading…' : 'Older posts'}
        </button>
      )}
    </section>
  );
}

/**
 * Returns whether the author is still in the form. The focused element of a form that closed is the
 * body.
 */
function isInComposer(focused: Element | null): boolean {
  return focused === document.body || !!focused?.closest('form.compose');
}
