import type { Post } from '../model/post.ts';

export interface TopicCount {
  topic: string;
  count: number;
}

/** Returns the topics of posts, each with the number of its posts, the most frequent first. */
export function topicCounts(posts: readonly Post[]): TopicCount[] {
  const counts = new Map<string, number>();
  for (const { topic } of posts) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return [...counts]
    .map(([topic, count]) => ({ topic, count }))
    .sort((one, other) => other.count - one.count || (one.topic < other.topic ? -1 : 1));
}

/**
 * Returns what a list of topics that is being typed can continue as. They are separated by commas,
 * so a topic whose name has one cannot be among them.
 */
export function completions(typed: string, topics: readonly string[]): string[] {
  const start = /^.*,\s*/s.exec(typed)?.[0] ?? '';
  const named = typed.split(',').map((name) => name.trim().toLowerCase());
  return topics
    .filter((topic) => !topic.includes(',') && !named.includes(topic))
    .map((topic) => start + topic);
}
