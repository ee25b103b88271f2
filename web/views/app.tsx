import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Post, Revision } from '../../model/post.ts';
import type { Api } from '../api.ts';
import type { Draft } from '../draft.ts';
import { Feed } from '../feed.ts';
import type { FeedFilter } from '../feed-filter.ts';
import type { LiveConnection } from '../live-connection.ts';
import type { Navigation } from '../navigation.ts';
import type { PostStore } from '../post-store.ts';
import { feedPath } from '../route.ts';
import { ComposeForm } from './compose-form.tsx';
import { FeedHeading } from './feed-heading.tsx';
import { FeedView } from './feed-view.tsx';
import { LiveStatus } from './live-status.tsx';
import { NotFound } from './not-found.tsx';
import { focusHeading } from './page-heading.tsx';
import { PostView } from './post-view.tsx';
import { SubscribeForm } from './subscribe-form.tsx';
import { TopicFilter } from './topic-filter.tsx';
import { Topics } from './topics.tsx';

export interface AppProps {
  api: Api;
  draft: Draft;
  live: LiveConnection;
  navigation: Navigation;
  posts: PostStore;
}

/** The whole page: the view of the route, between the parts that are always there. */
export function App({ api, draft, live, navigation, posts }: AppProps) {
  const route = navigation.route.value;
  const go = (path: string) => navigation.go(path);

  // The feed stays unchanged while a post is shown, so that the way back leads to the same place.
  const feedFilter = useRef<FeedFilter>({});
  if (route.view === 'feed') feedFilter.current = route.filter;
  const { topic, author } = feedFilter.current;
  const feed = useMemo(() => new Feed({ topic, author }, api, posts), [topic, author, api, posts]);
  useEffect(() => () => feed.end(), [feed]);
  const [postTopic, setPostTopic] = useState<string>();
  const [saved, setSaved] = useState<Post>();
  const onSaved = (post: Post) => {
    setSaved(post);
    feed.include({ post, revision: Revision.created });
    live.watch(post.id);
  };

  useEffect(() => {
    if (route.view === 'post') live.follow({ postId: route.id });
    else live.follow(topic === undefined ? {} : { topic });
  }, [route, topic, live]);

  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) focusHeading();
    isFirst.current = false;
  }, [route]);

  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      {route.view === 'feed' && (
        <a class="skip-link" href="#posts">
          Skip to the posts
        </a>
      )}
      <header>
        <a class="wordmark" href={feedPath()}>
          Event-driven blog
        </a>
        <nav aria-label="Page">
          <a href="#by-mail">By mail</a>
        </nav>
        <LiveStatus live={live} />
      </header>
      <main id="main" tabIndex={-1}>
        {route.view === 'feed' && (
          <div class="feed-heading">
            <FeedHeading feed={feed} filter={route.filter} />
            <TopicFilter filter={route.filter} go={go} />
          </div>
        )}
        {route.view === 'feed' && <Topics {...{ feed, posts }} filter={route.filter} />}
        <ComposeForm {...{ api, draft, onSaved, topic }} isHidden={route.view !== 'feed'} />
        {route.view === 'feed' && <FeedView {...{ feed, live, saved }} filter={route.filter} />}
        {route.view === 'post' && (
          <PostView key={route.id} id={route.id} {...{ api, live, posts }} onTopic={setPostTopic} />
        )}
        {route.view === 'not-found' && <NotFound what="There is no such page." />}
      </main>
      <SubscribeForm {...{ api, posts }} topic={route.view === 'post' ? postTopic : topic} />
    </>
  );
}
