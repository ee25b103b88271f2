import { useMemo } from 'preact/hooks';
import type { Feed } from '../feed.ts';
import type { FeedFilter } from '../feed-filter.ts';
import type { PostStore } from '../post-store.ts';
import { feedPath } from '../route.ts';
import { topicCounts } from '../topic-counts.ts';

/** The number of topics that are shown, and of those that are suggested in a field. */
const mostShown = 12;
const mostSuggested = 100;

/** The ID of the suggestions of topics, for the `list` of a field. */
export const topicSuggestions = 'topic-suggestions';

interface TopicsProps {
  feed: Feed;
  posts: PostStore;
  /** That of the shown feed. */
  filter: FeedFilter;
}

/**
 * Links to all posts and to the topics of the posts that the page has read, with their counts, and
 * suggests them in the fields for a topic.
 */
export function Topics({ feed, posts, filter }: TopicsProps) {
  const shown = feed.state.value.posts;
  // With the shown posts, so that the links stay in their places while posts arrive.
  const read = useMemo(() => posts.all(), [shown, posts]);
  const counts = useMemo(() => topicCounts(read), [read]);
  return (
    <nav class="topics" aria-label="Topics of the posts">
      {feedPath(filter) !== feedPath() && (
        <a href={feedPath()}>{filter.topic === undefined ? 'All posts' : 'All topics'}</a>
      )}
      {counts.length > 0 && (
        <>
          <span id="topics-of">In {read.length === 1 ? '1 post' : `${read.length} posts`} read:</span>
          <ul aria-labelledby="topics-of">
            {counts.slice(0, mostShown).map((counted) => (
              <li key={counted.topic}>
                <a
                  href={feedPath({ topic: counted.topic })}
                  aria-current={counted.topic === filter.topic ? 'page' : undefined}
                >
                  <bdi>{counted.topic}</bdi> <span class="count">{counted.count}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <datalist id={topicSuggestions}>
        {counts.slice(0, mostSuggested).map(({ topic }) => (
          <option key={topic} value={topic} />
        ))}
      </datalist>
    </nav>
  );
}
