import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Feed } from '../feed.ts';
import type { LiveConnection } from '../live-connection.ts';
import { postPath } from '../route.ts';
import { Byline, PostContent } from './post-content.tsx';
import { ReadingFailure } from './reading-failure.tsx';

interface FeedViewProps {
  feed: Feed;
  live: LiveConnection;
  /** The post that the author saved last. It is marked, and comes into view when it is saved. */
  saved: Post | undefined;
}

/** The posts of a feed. It reads them at first and after each new connection. */
export function FeedView({ feed, live, saved }: FeedViewProps) {
  const { posts, reading, problem, hasMore, arrival } = feed.state.value;
  const liveState = live.state.value;
  const opened = liveState.status === 'live' ? liveState.opened : undefined;
  useEffect(() => {
    if (posts.length === 0 || opened !== undefined) feed.refresh();
  }, [feed, opened]);
  const lastShown = useRef(saved);
  useEffect(() => {
    if (saved && saved !== lastShown.current) bringIntoView(saved);
    lastShown.current = saved;
  }, [saved]);
  const readMore = async () => {
    const last = document.getElementById(headingId(posts.at(-1)));
    await feed.readMore();
    // The button disappears after the oldest posts, and takes the focus with it.
    if (document.activeElement !== document.body) return;
    last?.closest('article')?.nextElementSibling?.querySelector('a')?.focus();
  };
  return (
    <section id="posts" tabIndex={-1} aria-label="Posts" aria-busy={reading}>
      <p class="visually-hidden" role="status">
        {arrival && `New post: ${arrival.title}, by ${arrival.author}`}
      </p>
      {posts.map((post) => (
        <PostCard key={post.id} post={post} isSaved={post.id === saved?.id} />
      ))}
      {posts.length === 0 && !reading && problem === undefined && (
        <p class="notice">There are no posts{feed.topic === undefined ? '' : ' about this topic'} yet.</p>
      )}
      {problem !== undefined && (
        <ReadingFailure what="The posts" problem={problem} isReading={reading} read={() => feed.refresh()} />
      )}
      {posts.length === 0 && reading && problem === undefined && (
        <p class="notice" role="status">
          Reading the posts…
        </p>
      )}
      {hasMore && (
        <button type="button" class="more quiet" aria-disabled={reading} onClick={readMore}>
          {reading ? 'Reading…' : 'Older posts'}
        </button>
      )}
    </section>
  );
}

function PostCard({ post, isSaved }: { post: Post; isSaved: boolean }) {
  // Rendered when the post changes, not with each change of the feed.
  return useMemo(
    () => (
      <article class={`card ${isSaved ? 'saved' : ''}`} tabIndex={-1} aria-labelledby={headingId(post)}>
        <h2 id={headingId(post)} dir="auto">
          <a href={postPath(post.id)}>{post.title}</a>
        </h2>
        <Byline post={post} />
        <PostContent post={post} isExcerpt />
      </article>
    ),
    [post, isSaved],
  );
}

/**
 * Scrolls to the card of a post and moves the focus to it, unless the focus is in another part of the
 * page by now. The author's text has disappeared above it, so the browser's own scroll anchor leads
 * elsewhere.
 */
function bringIntoView(post: Post): void {
  const card = document.getElementById(headingId(post))?.closest('article');
  const focused = document.activeElement;
  if (!card || (focused !== document.body && !focused?.closest('form.compose'))) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
    block: card.offsetHeight < innerHeight ? 'nearest' : 'start',
  });
}

const headingId = (post?: Post) => `title-${post?.id}`;
