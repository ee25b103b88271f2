import { useMemo } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import { postPath } from '../route.ts';
import { Byline, PostContent } from './post-content.tsx';

const headingId = ({ id }: Post) => `title-${id}`;
const cardOf = (post: Post) => document.getElementById(headingId(post))?.closest('article');

/** A post in a feed. `isSaved` marks the one that the author has saved. */
export function PostCard({ post, isSaved }: { post: Post; isSaved: boolean }) {
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
 * Scrolls to the card of a post and moves the focus to it. What was in view has moved or
 * disappeared, so the browser's own scroll anchor leads elsewhere.
 */
export function bringIntoView(post: Post): void {
  const card = cardOf(post);
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
    block: card.offsetHeight < innerHeight ? 'nearest' : 'start',
  });
}

/** Moves the focus to the post that follows another. */
export function focusNext(post: Post): void {
  cardOf(post)?.nextElementSibling?.querySelector('a')?.focus();
}
