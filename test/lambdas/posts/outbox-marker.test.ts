import fc from 'fast-check';
import { OutboxMarker, outboxMarker } from '../../../lambdas/posts/outbox-marker.ts';
import { CreatedPost, Post } from '../../../model/post.ts';

const url = 'https://api.example.com/dev/posts/1';

const post = fc.record({
  id: fc.uuid({ version: [5, 7] }),
  createdAt: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  author: fc.constant('hunter s thompson'),
  title: fc.constant('Title'),
  body: fc.constant('Joe is going to Spain'),
  topic: fc.constant('summer'),
});

test('each marker has its own key in the index, even markers of one post, and the keys sort by time', () => {
  fc.assert(
    fc.property(post, post, (one, other) => {
      const [first, second] = [outboxMarker(one, url).outboxSince, outboxMarker(other, url).outboxSince];
      expect(first).not.toBe(second);
      expect(first).not.toBe(outboxMarker(one, url).outboxSince);
      if (one.createdAt < other.createdAt) expect(first < second).toBe(true);
      expect(first < new Date(Date.parse(one.createdAt) + 1).toISOString()).toBe(true);
    }),
  );
});

test('posts are spread over 16 shards', () => {
  const shards = new Set<string>();
  fc.assert(
    fc.property(post, (one) => {
      const { outboxShard } = OutboxMarker.parse(outboxMarker(one, url));
      shards.add(outboxShard);
      expect(Number(outboxShard)).toBeLessThan(16);
    }),
    { numRuns: 1000 },
  );
  expect(shards.size).toBe(16);
});

test('the post that readers get has no marker, and the created post has no enrichment either', () => {
  fc.assert(
    fc.property(post, (one) => {
      const stored = { ...outboxMarker(one, url), ...one, entities: { locations: [], persons: [] } };
      const { entities } = stored;
      expect(Post.parse(stored)).toEqual({ ...one, entities });
      expect(JSON.stringify(CreatedPost.parse(stored))).toBe(JSON.stringify(one));
    }),
  );
});
