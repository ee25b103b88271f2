import { useMemo, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import { excerpt } from '../excerpt.ts';
import { highlight } from '../highlight.ts';
import { feedPath, postPath } from '../route.ts';
import { Names } from './names.tsx';

const excerptLength = 600;

/** The author, time and topic of a post. */
export function Byline({ post: { author, createdAt, topic } }: { post: Post }) {
  return (
    <p class="byline">
      <a class="author" href={feedPath({ author })}>
        <span class="visually-hidden">Author: </span>
        <bdi>{author}</bdi>
      </a>
      <time dateTime={createdAt}>{dateFormat.format(new Date(createdAt))}</time>
      <a class="topic" href={feedPath({ topic })}>
        <span class="visually-hidden">Topic: </span>
        <bdi>{topic}</bdi>
      </a>
    </p>
  );
}

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The text of a post, or an excerpt, with its people and places marked, and listed below. */
export function PostContent({ post, isExcerpt = false }: { post: Post; isExcerpt?: boolean }) {
  const [wasPending] = useState(!post.entities);
  const text = isExcerpt ? excerpt(post.body, excerptLength) : post.body;
  const parts = useMemo(() => highlight(text, post.entities), [text, post.entities]);
  return (
    <>
      <p class={`text ${wasPending ? 'lighting-up' : ''}`} dir="auto" lang={post.language ?? 'en'}>
        {parts.map(({ text, kind }) =>
          kind ? (
            <mark class={kind}>
              {/* The list below has the same links, which are enough for the keyboard. */}
              <a href={feedPath({ name: text })} tabIndex={-1}>
                {text}
              </a>
            </mark>
          ) : (
            text
          ),
        )}
      </p>
      {text !== post.body && (
        <p class="read-on">
          <a href={postPath(post.id)}>
            Read on<span class="visually-hidden"> in {post.title}</span>
          </a>
        </p>
      )}
      <Names post={post} isExcerpt={isExcerpt} />
    </>
  );
}
