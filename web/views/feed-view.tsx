import { useEffect, useMemo } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Feed } from '../feed.ts';
import type { LiveConnection } from '../live-connection.ts';
import { postPath } from '../route.ts';
import { Byline, PostContent } from './post-content.tsx';
import { ReadingFailure } from './reading-failure.tsx';

/** The posts of a feed. It reads them at first and after each new connection. */
export function FeedView({ feed, live }: { feed: Feed; live: LiveConnection }) {
  const { posts, reading, problem, hasMore, arrival } = feed.state.value;
  const liveState = live.state.value;
  const opened = liveState.status === 'live' ? liveState.opened : undefined;
  useEffect(() => {
    if (posts.length === 0 || opened !== undefined) feed.refresh();
  }, [feed, opened]);
  const readMore = async () => {
    const last = document.getElementById(headingId(posts.at(-1)));
    await feed.readMore();
    // The button disappears after the oldest posts, and takes the focus with it.
    if (document.activeElement !== document.body) return;
    last?.closest('article')?.nextElementSibling?.querySelector('a')?.focus();
  };
  return (
    <section aria-label="Posts" aria-busy={reading}>
      <p class="visually-hidden" role="status">
        {arrival && `New post: ${arrival.title}, by ${arrival.author}`}
      </p>
      {posts.map((post) => (
        <PostCard key={post.id} post={post} />
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

function PostCard({ post }: { post: Post }) {
  // Rendered when the post changes, not with each change of the feed.
  return useMemo(
    () => (
      <article class="card" aria-labelledby={headingId(post)}>
        <h2 id={headingId(post)} dir="auto">
          <a href={postPath(post.id)}>{post.title}</a>
        </h2>
        <Byline post={post} />
        <PostContent post={post} isExcerpt />
      </article>
    ),
    [post],
  );
}

const headingId = (post?: Post) => `title-${post?.id}`;
