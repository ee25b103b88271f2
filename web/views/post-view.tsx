import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { Api } from '../api.ts';
import type { LiveConnection } from '../live-connection.ts';
import type { PostStore } from '../post-store.ts';
import { type ReadFailure, ReadRetry } from '../read-retry.ts';
import { feedPath } from '../route.ts';
import { onWakeUp } from '../wake-up.ts';
import { NotFound } from './not-found.tsx';
import { PageHeading } from './page-heading.tsx';
import { Byline, PostContent } from './post-content.tsx';
import { ReadingFailure } from './reading-failure.tsx';

interface PostViewProps {
  id: string;
  api: Api;
  live: LiveConnection;
  posts: PostStore;
  /** Receives the topic of the post once it is known. */
  onTopic: (topic: string | undefined) => void;
}

/** The page of a post. It reads the post at first and after each new connection. */
export function PostView({ id, api, live, posts, onTopic }: PostViewProps) {
  const [post, setPost] = useState<Post | undefined>(posts.get(id));
  const [failure, setFailure] = useState<ReadFailure>();
  const [isReading, setReading] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const [isRemoved, setRemoved] = useState(posts.isRemoved(id));
  useEffect(
    () =>
      posts.subscribe(
        (changed) => changed.id === id && setPost(changed),
        (removed) => removed === id && setRemoved(true),
      ),
    [id, posts],
  );
  const retry = useMemo(() => new ReadRetry(), []);
  useEffect(() => () => retry.end(), [retry]);
  useEffect(() => onWakeUp(() => retry.now()), [retry]);
  const read = useCallback(async () => {
    retry.begin();
    setReading(true);
    try {
      const state = await api.readPost(id);
      setMissing(!state);
      retry.succeed();
      setFailure(undefined);
      if (state) posts.take(state);
      // It was removed while the page was not connected.
      else if (posts.get(id)) posts.remove(id);
    } catch (error) {
      setFailure(retry.fail(error, read));
    }
    setReading(false);
  }, [id, api, posts, retry]);
  const topic = post?.topic;
  useEffect(() => {
    onTopic(topic);
    return () => onTopic(undefined);
  }, [topic, onTopic]);
  const liveState = live.state.value;
  const opened = liveState.status === 'live' ? liveState.opened : undefined;
  useEffect(() => {
    if (opened !== undefined || !posts.get(id)) read();
  }, [read, opened]);

  if (isRemoved) return <NotFound what="This post was removed." />;
  if (isMissing && !post) return <NotFound what="There is no such post." />;
  return (
    <>
      <p class="back">
        <a href={feedPath()}>All posts</a>
      </p>
      {failure && (
        <ReadingFailure
          what={post ? 'The latest state of this post could not be read' : 'The post could not be read'}
          {...{ failure, isReading, read }}
        />
      )}
      <article class="post">
        <PageHeading text={post?.title ?? 'Post'} />
        {post && <Byline post={post} />}
        {post && <PostContent post={post} />}
      </article>
      {!post && !failure && (
        <p class="notice" role="status">
          Reading the post…
        </p>
      )}
    </>
  );
}
