import { useEffect, useState } from 'preact/hooks';
import { feedPath } from '../route.ts';

interface TopicFilterProps {
  topic: string | undefined;
  go: (path: string) => void;
}

/** The form to narrow the feed to a topic. Without a topic the feed shows all posts. */
export function TopicFilter({ topic = '', go }: TopicFilterProps) {
  const [text, setText] = useState(topic);
  useEffect(() => setText(topic), [topic]);
  const submit = (event: Event) => {
    event.preventDefault();
    go(feedPath(text.trim() || undefined));
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
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="quiet">
          Filter
        </button>
        {topic !== '' && <a href={feedPath()}>All topics</a>}
      </form>
    </search>
  );
}
