import { useEffect, useState } from 'preact/hooks';
import type { FeedFilter } from '../feed-filter.ts';
import { feedPath } from '../route.ts';
import { topicSuggestions } from './topics.tsx';

interface TopicFilterProps {
  filter: FeedFilter;
  go: (path: string) => void;
}

/** The form to narrow the feed to a topic. Without a topic the feed shows all posts. */
export function TopicFilter({ filter, go }: TopicFilterProps) {
  const { topic = '' } = filter;
  const [text, setText] = useState(topic);
  useEffect(() => setText(topic), [topic]);
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = text.trim();
    go(feedPath(typed === '' ? {} : { topic: typed }));
  };
  return (
    <search aria-label="Posts by topic">
      <form class="topic-filter" onSubmit={submit}>
        <label for="filter-topic">Topic</label>
        <input
          id="filter-topic"
          name="topic"
          dir="auto"
          autoComplete="off"
          list={topicSuggestions}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="quiet">
          Filter
        </button>
      </form>
    </search>
  );
}
