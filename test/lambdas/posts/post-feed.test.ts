import fc from 'fast-check';
import { FeedKeys, feedKeys, feedOf } from '../../../lambdas/posts/post-feed.ts';
import { CreatedPost, Post } from '../../../model/post.ts';

/** Generates names, including some that look like the shard of another name. */
const name = fc.oneof(
  fc.stringMatching(/^[ab#0-3]{1,4}$/),
  fc.constantFrom('all', 'all#0', 'a', 'a#1', 'a#1#1', '#'),
);
const post = fc.record({
  id: fc.uuid({ version: [5, 7] }),
  createdAt: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  author: name,
  title: fc.constant('Title'),
  body: fc.constant('Joe is going to Spain'),
  topic: name,
});

test('a post is in the feed of all posts, of its topic and of its author, and in no other feed', () => {
  fc.assert(
    fc.property(post, name, (one, other) => {
      const keys: Record<string, string> = feedKeys(one);
      const isIn = (filter: Parameters<typeof feedOf>[0]) => {
        const { partitionKey, partitions } = feedOf(filter);
        return partitions.includes(keys[partitionKey] ?? '');
      };
      expect(isIn({})).toBe(true);
      expect(isIn({ topic: one.topic })).toBe(true);
      expect(isIn({ author: one.author })).toBe(true);
      expect(isIn({ topic: other })).toBe(other === one.topic);
      expect(isIn({ author: other })).toBe(other === one.author);
    }),
    { numRuns: 1000 },
  );
});

test('positions sort by time and differ between posts', () => {
  fc.assert(
    fc.property(post, post, (one, other) => {
      const [first, second] = [feedKeys(one).feedPosition, feedKeys(other).feedPosition];
      expect(first).not.toBe(second);
      if (one.createdAt < other.createdAt) expect(first < second).toBe(true);
    }),
  );
});

test('each feed is spread over 4 partitions', () => {
  const found: Record<string, Set<string>> = {
    feedShard: new Set(),
    topicShard: new Set(),
    authorShard: new Set(),
  };
  fc.assert(
    fc.property(post, (one) => {
      for (const [key, partition] of Object.entries(feedKeys({ ...one, topic: 't', author: 'a' })))
        found[key]?.add(partition);
    }),
    { numRuns: 200 },
  );
  for (const feed of [feedOf({}), feedOf({ topic: 't' }), feedOf({ author: 'a' })])
    expect([...(found[feed.partitionKey] ?? [])].sort()).toEqual(feed.partitions);
});

test('the post that readers get has no such key', () => {
  fc.assert(
    fc.property(post, (one) => {
      const stored = { ...one, ...FeedKeys.parse(feedKeys(one)) };
      expect(Post.parse(stored)).toEqual(one);
      expect(CreatedPost.parse(stored)).toEqual(one);
    }),
  );
});
