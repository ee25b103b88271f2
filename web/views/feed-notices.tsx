import type { Feed } from '../feed.ts';
import type { FeedFilter } from '../feed-filter.ts';
import { ReadingFailure } from './reading-failure.tsx';

interface FeedNoticesProps {
  feed: Feed;
  filter: FeedFilter;
  /** The number of shown posts. */
  shown: number;
}

/** Says above the posts why there are none or not the newest, and where a name was looked for. */
export function FeedNotices({ feed, filter, shown }: FeedNoticesProps) {
  const { posts, reading, failure } = feed.state.value;
  if (failure?.part === 'newest')
    return (
      <ReadingFailure
        what={`${posts.length > 0 ? 'New' : 'The'} posts could not be read`}
        failure={failure}
        isReading={reading}
        read={() => feed.refresh()}
      />
    );
  if (posts.length === 0)
    return (
      <p class="notice" role="status">
        {reading ? 'Reading the posts…' : `There are no posts${ofWhat(filter)} yet.`}
      </p>
    );
  if (filter.name === undefined) return null;
  return (
    <p class="notice searched">
      {shown === 0 ? 'None' : shown} of the {posts.length} newest posts {shown > 1 ? 'name' : 'names'}{' '}
      <bdi>{filter.name}</bdi>.
    </p>
  );
}

function ofWhat({ topic, author }: FeedFilter): string {
  if (topic !== undefined) return ' about this topic';
  return author === undefined ? '' : ' by this author';
}
