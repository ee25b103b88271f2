import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Feed } from '../feed.ts';
import type { LiveConnection } from '../live-connection.ts';
import { type FeedFilter, postPath } from '../route.ts';
import { onWakeUp } from '../wake-up.ts';
import { NewPosts } from './new-posts.tsx';
import { PageHeading } from './page-heading.tsx';
import { Byline, PostContent } from './post-content.tsx';
import { ReadingFailure } from './reading-failure.tsx';

interface FeedViewProps {
  feed: Feed;
  filter: FeedFilter;
  live: LiveConnection;
  /** The post that the author saved last. It is marked, and comes into view when it is saved. */
  saved: Post | undefined;
}

/** The name of a feed, with the number of posts that wait. */
export function FeedHeading({ feed, filter }: { feed: Feed; filter: FeedFilter }) {
  const count = feed.state.value.waiting.filter(isOf(filter)).length;
  return <PageHeading text={nameOf(filter)} count={count} />;
}

function nameOf({ topic, author, name }: FeedFilter): string {
  if (topic !== undefined) return `Posts about ${topic}`;
  if (author !== undefined) return `Posts by ${author}`;
  return name === undefined ? 'Latest posts' : `Posts that name ${name}`;
}

/**
 * Returns a function that tells whether a post is shown. The feed has only posts of its topic and
 * author, and the author's own; a name is looked for in the posts that are read.
 */
function isOf({ name }: FeedFilter): (post: Post) => boolean {
  return ({ entities }) =>
    name === undefined || !!entities?.persons.includes(name) || !!entities?.locations.includes(name);
}

/** The posts of a feed. It reads them at first and after each new connection. */
export function FeedView({ feed, filter, live, saved }: FeedViewProps) {
  const { posts: read, waiting: arrived, reading, failure, hasMore } = feed.state.value;
  const { name } = filter;
  const posts = useMemo(() => read.filter(isOf(filter)), [read, name]);
  const waiting = useMemo(() => arrived.filter(isOf(filter)), [arrived, name]);
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
          what={`${read.length > 0 ? 'New' : 'The'} posts could not be read`}
          failure={failure}
          isReading={reading}
          read={() => feed.refresh()}
        />
      )}
      {name !== undefined && read.length > 0 && (
        <p class="notice searched">
          {posts.length === 0 ? 'None' : posts.length} of the {read.length} newest posts{' '}
          {posts.length > 1 ? 'name' : 'names'} <bdi>{name}</bdi>.
        </p>
      )}
      {cards}
      {read.length === 0 && !reading && !failure && (
        <p class="notice">There are no posts{emptiness(filter)} yet.</p>
      )}
      {read.length === 0 && reading && !failure && (
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

function emptiness({ topic, author }: FeedFilter): string {
  if (topic !== undefined) return ' about this topic';
  return author === undefined ? '' : ' by this author';
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
