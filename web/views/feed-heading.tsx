import type { Feed } from '../feed.ts';
import { type FeedFilter, isNamed } from '../feed-filter.ts';
import { PageHeading } from './page-heading.tsx';

/** The name of a feed, with the number of posts that wait. */
export function FeedHeading({ feed, filter }: { feed: Feed; filter: FeedFilter }) {
  const count = feed.state.value.waiting.filter(isNamed(filter)).length;
  return <PageHeading text={nameOf(filter)} count={count} />;
}

function nameOf({ topic, author, name }: FeedFilter): string {
  if (topic !== undefined) return `Posts about ${topic}`;
  if (author !== undefined) return `Posts by ${author}`;
  return name === undefined ? 'Latest posts' : `Posts that name ${name}`;
}
