import * as fc from 'fast-check';
import { PostStore, shownRevision } from '../../web/post-store.ts';
import { entities, examplePost } from './example-posts.ts';

it('keeps the highest revision of each post in any order of arrival, and reports only rising revisions', () => {
  const states = fc.array(
    fc.record({ n: fc.integer({ min: 1, max: 3 }), revision: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(states, (states) => {
      const posts = new PostStore();
      const told: Record<string, string[]> = {};
      posts.subscribe(
        ({ id, title }) => {
          told[id] = [...(told[id] ?? []), title];
        },
        () => {},
      );
      for (const { n, revision } of states) {
        posts.take({ post: examplePost(n, { title: String(revision) }), revision });
      }
      for (const n of [1, 2, 3]) {
        const { id } = examplePost(n);
        const revisions = states.filter((state) => state.n === n).map(({ revision }) => revision);
        const rising = revisions.filter((revision, at) =>
          revisions.slice(0, at).every((one) => one < revision),
        );
        expect(told[id] ?? []).toEqual(rising.map(String));
        expect(posts.get(id)?.title).toBe(rising.at(-1)?.toString());
      }
    }),
  );
});

it('forgets a removed post for good, and reports the removal once', () => {
  const posts = new PostStore();
  const [changed, removed] = [jest.fn(), jest.fn()];
  posts.subscribe(changed, removed);
  const { id } = examplePost(1);
  posts.take({ post: examplePost(1), revision: 1 });
  posts.remove(id);
  posts.remove(id);
  posts.take({ post: examplePost(1, { entities }), revision: 9 });
  expect(removed.mock.calls).toEqual([[id]]);
  expect(changed).toHaveBeenCalledTimes(1);
  expect([posts.get(id), posts.isRemoved(id)]).toEqual([undefined, true]);
});

it('drops the post with the oldest change beyond 1,000 posts', () => {
  const posts = new PostStore();
  for (let n = 1; n <= 1000; n++) posts.take({ post: examplePost(n), revision: 1 });
  posts.take({ post: examplePost(1), revision: 2 });
  posts.take({ post: examplePost(1001), revision: 1 });
  expect(posts.get(examplePost(1).id)).toBeDefined();
  expect(posts.get(examplePost(2).id)).toBeUndefined();
  expect(posts.get(examplePost(3).id)).toBeDefined();
});

it('derives from its content whether a post is enriched or can never be', () => {
  expect(shownRevision(examplePost(1))).toBe(1);
  expect(shownRevision(examplePost(1, { entities }))).toBe(2);
  expect(shownRevision(examplePost(1, { enrichment: { status: 'failed', reason: 'Too long.' } }))).toBe(2);
});
