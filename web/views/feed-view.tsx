import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Feed } from '../feed.ts';
import type { LiveConnection } from '../live-connection.ts';
import { postPath } from '../route.ts';
import { onWakeUp } from '../wake-up.ts';
import { NewPosts } from './new-posts.tsx';
import { PageHeading } from './page-heading.tsx';
import { Byline, PostContent } from './post-content.tsx';
import { ReadingFailure } from './reading-failure.tsx';

interface FeedViewProps {
  feed: Feed;
  live: LiveConnection;
  /** The post that the author saved last. It is marked, and comes into view when it is saved. */
  saved: Post | undefined;
}

/** The name of a feed, with the number of posts that wait. */
export function FeedHeading({ feed }: { feed: Feed }) {
  const text = feed.topic === undefined ? 'Latest posts' : `Posts about ${feed.topic}`;
  return <PageHeading text={text} count={feed.state.value.waiting.length} />;
}

/** The posts of a feed. It reads them at first and after each new connection. */
export function FeedView({ feed, live, saved }: FeedViewProps) {
  const { posts, waiting, reading, failure, hasMore } = feed.state.value;
  const liveState = live.state.value;
  const opened = liveState.status === 'live' ? liveState.opened : undefined;
  useEffect(() => {
    if (posts.length === 0 || opened !== undefined) feed.refresh();
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
    feed.showWaiting();
    setNewest(waiting[0]);
  };
  const cards = useMemo(
    () => posts.map((post) => <PostCard key={post.id} post={post} isSaved={post.id === saved?.id} />),
    [posts, saved],
  );
  const readMore = async () => {
    const last = document.getElementById(headingId(posts.at(-1)));
    await feed.readMore();
    // The button disappears after the oldest posts, and takes the focus with it.
    if (document.activeElement !== document.body) return;
    last?.closest('article')?.nextElementSibling?.querySelector('a')?.focus();
  };
  return (
    <section id="posts" tabIndex={-1} aria-label="Posts" aria-busy={reading}>
      <NewPosts waiting={waiting} show={showWaiting} />
      {failure?.part === 'newest' && (
        <ReadingFailure
          what={`${posts.length > 0 ? 'New' : 'The'} posts could not be read`}
          failure={failure}
          isReading={reading}
          read={() => feed.refresh()}
        />
      )}
      {cards}
      {posts.length === 0 && !reading && !failure && (
        <p class="notice">There are no posts{feed.topic === undefined ? '' : ' about this topic'} yet.</p>
      )}
      {posts.length === 0 && reading && !failure && (
        <p class="notice" role="status">
          Reading the posts…
        </p>
      )}
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
 * Returns whether the author is still in the form. The focused element of a form that closed is the
 * body.
 */
function isInComposer(focused: Element | null): boolean {
  return focused === document.body || !!focused?.closest('form.compose');
}

/**
 * Scrolls to the card of a post and moves the focus to it. What was in view has moved or disappeared,
 * so the browser's own scroll anchor leads elsewhere.
 */
function bringIntoView(post: Post): void {
  const card = document.getElementById(headingId(post))?.closest('article');
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
    block: card.offsetHeight < innerHeight ? 'nearest' : 'start',
  });
}

const headingId = (post?: Post) => `title-${post?.id}`;
