/**
 * The indexes of the Posts table in which posts are read, newest first: all posts, those of a topic
 * and those of an author. The sort key of each is `feedPosition`. Add or remove at most
 * one in a release: a deployed table takes no more (lib/blog-table.ts).
 */
export const feedIndexes = {
  all: { indexName: 'byTime', partitionKey: 'feedShard' },
  topic: { indexName: 'byTopic', partitionKey: 'topicShard' },
  author: { indexName: 'byAuthor', partitionKey: 'authorShard' },
} as const;
