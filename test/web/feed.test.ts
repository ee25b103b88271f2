import type { Post } from '../../model/post.ts';
import { RequestFailed } from '../../web/api.ts';
import { Feed } from '../../web/feed.ts';
import { PostStore } from '../../web/post-store.ts';
import { entities, examplePost } from './example-posts.ts';

/** Stands in for the API of a blog, with posts from the newest to the oldest. It can fail. */
class Blog {
  posts: Post[] = [];
  isDown = false;
  requests = 0;

  write(...numbers: number[]): void {
    this.posts = [...numbers.map((n) => examplePost(n)), ...this.posts].sort((a, b) =>
      a.createdAt < b.createdAt ? 1 : -1,
    );
  }

  async listPosts(query: { topic?: string | undefined; cursor?: string | undefined; limit: number }) {
    this.requests++;
    if (this.isDown) throw new RequestFailed('The server cannot be reached.');
    const posts = this.posts.filter(({ topic }) => query.topic === undefined || topic === query.topic);
    const start = query.cursor === undefined ? 0 : posts.findIndex(({ id }) => id === query.cursor) + 1;
    const page = posts.slice(start, start + query.limit);
    const isLast = start + query.limit >= posts.length;
    return { posts: page, ...(!isLast && { nextCursor: page.at(-1)?.id ?? '' }) };
  }
}

const numbers = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);
const number = ({ title }: Post) => Number(title.slice(6));
const shown = (feed: Feed) => feed.state.value.posts.map(number);
const waiting = (feed: Feed) => feed.state.value.waiting.map(number);

let blog: Blog;
let posts: PostStore;
let feed: Feed;

/** Lets the frame pass for which the feed collects changes. */
const frame = () => jest.advanceTimersByTime(16);

/** Shows the posts that arrive within a frame. */
const showNew = () => {
  frame();
  feed.showWaiting();
};

beforeEach(() => {
  jest.useFakeTimers();
  globalThis.requestAnimationFrame = (callback) => Number(setTimeout(() => callback(0), 16));
  globalThis.cancelAnimationFrame = (id) => clearTimeout(id);
  blog = new Blog();
  posts = new PostStore();
  feed = new Feed({}, blog, posts);
});

afterEach(() => jest.useRealTimers());

it('reads the newest posts, and older ones page by page', async () => {
  blog.write(...numbers(50, 1));
  expect(feed.state.value).toMatchObject({ reading: true, posts: [] });
  await feed.refresh();
  expect(shown(feed)).toEqual(numbers(50, 31));
  expect(feed.state.value).toMatchObject({ reading: false, hasMore: true });
  await feed.readMore();
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(50, 1));
  expect(feed.state.value.hasMore).toBe(false);
});

it('lets posts that arrive wait until they are wanted, and updates those that are shown', async () => {
  blog.write(1);
  await feed.refresh();
  const { posts: before } = feed.state.value;
  posts.take({ post: examplePost(2), revision: 1 });
  posts.take({ post: examplePost(3), revision: 1 });
  frame();
  expect(feed.state.value.posts).toBe(before);
  expect(waiting(feed)).toEqual([3, 2]);
  posts.take({ post: examplePost(1, { entities }), revision: 2 });
  posts.take({ post: examplePost(2, { entities }), revision: 2 });
  frame();
  expect(feed.state.value.posts[0]?.entities).toEqual(entities);
  expect(feed.state.value.waiting[1]?.entities).toEqual(entities);
  feed.showWaiting();
  expect(shown(feed)).toEqual([3, 2, 1]);
  expect(waiting(feed)).toEqual([]);
  feed.end();
  posts.take({ post: examplePost(4), revision: 1 });
  frame();
  expect(waiting(feed)).toEqual([]);
});

it('shows the own post once if it arrives before the response to its save', async () => {
  blog.write(1);
  await feed.refresh();
  posts.take({ post: examplePost(2), revision: 1 });
  frame();
  feed.include({ post: examplePost(2), revision: 1 });
  expect(shown(feed)).toEqual([2, 1]);
  expect(waiting(feed)).toEqual([]);
});

it('shows posts at once if there is nothing that they would move', async () => {
  await feed.refresh();
  posts.take({ post: examplePost(1), revision: 1 });
  frame();
  posts.take({ post: examplePost(2), revision: 1 });
  frame();
  expect(shown(feed)).toEqual([1]);
  posts.remove(examplePost(1).id);
  frame();
  expect(shown(feed)).toEqual([2]);
});

it('shows the posts that arrive during the first read together with those that are read', async () => {
  blog.write(1);
  const reading = feed.refresh();
  posts.take({ post: examplePost(2), revision: 1 });
  frame();
  expect(shown(feed)).toEqual([]);
  await reading;
  expect(shown(feed)).toEqual([2, 1]);
  expect(waiting(feed)).toEqual([]);
});

it('changes once for all posts that arrive within a frame, or soon if no frame is drawn', async () => {
  blog.write(1);
  await feed.refresh();
  const changes = jest.fn();
  feed.state.subscribe(changes);
  // It is called with the current value at once.
  changes.mockClear();
  for (const n of numbers(50, 2)) posts.take({ post: examplePost(n), revision: 1 });
  frame();
  expect(waiting(feed)).toEqual(numbers(50, 2));
  expect(changes).toHaveBeenCalledTimes(1);
  globalThis.requestAnimationFrame = () => 0;
  posts.take({ post: examplePost(51), revision: 1 });
  jest.advanceTimersByTime(250);
  expect(waiting(feed)).toEqual(numbers(51, 2));
  expect(jest.getTimerCount()).toBe(0);
});

it('shows the own post even if others wait', async () => {
  blog.write(1);
  await feed.refresh();
  for (const n of [2, 3]) posts.take({ post: examplePost(n), revision: 1 });
  frame();
  feed.include({ post: examplePost(3), revision: 1 });
  expect(shown(feed)).toEqual([3, 1]);
  expect(waiting(feed)).toEqual([2]);
});

it('lets the posts wait that it missed, and shows a page of many without a gap', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  blog.write(...numbers(40, 31));
  await feed.refresh();
  expect(shown(feed)).toEqual(numbers(30, 1));
  expect(waiting(feed)).toEqual(numbers(40, 31));
  for (const n of numbers(250, 41).reverse()) {
    blog.write(n);
    posts.take({ post: examplePost(n), revision: 1 });
    frame();
  }
  expect(shown(feed)).toEqual(numbers(30, 1));
  expect(waiting(feed)).toEqual(numbers(250, 51));
  feed.showWaiting();
  expect(shown(feed)).toEqual(numbers(250, 231));
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(250, 211));
});

it('keeps a wanted post among many that are not drawn, and the own post among new ones', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  for (const n of numbers(80, 31).reverse()) posts.take({ post: examplePost(n), revision: 1 });
  frame();
  feed.showWaiting(feed.state.value.waiting.filter((post) => number(post) === 35));
  expect(shown(feed)).toEqual(numbers(80, 11));
  for (const n of numbers(105, 81).reverse()) posts.take({ post: examplePost(n), revision: 1 });
  feed.include({ post: examplePost(100), revision: 1 });
  frame();
  feed.showWaiting();
  expect(shown(feed)).toEqual(numbers(105, 85));
});

it('shows 200 posts, and further ones only on request, without a gap', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  await feed.readMore();
  expect(feed.state.value.hasMore).toBe(false);
  for (const n of numbers(330, 31).reverse()) {
    blog.write(n);
    posts.take({ post: examplePost(n), revision: 1 });
    showNew();
  }
  expect(shown(feed)).toEqual(numbers(330, 131));
  expect(feed.state.value.hasMore).toBe(true);
  posts.take({ post: examplePost(130, { entities }), revision: 2 });
  frame();
  expect(shown(feed)).toEqual(numbers(330, 131));
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(330, 111));
  await feed.refresh();
  expect(shown(feed)).toEqual(numbers(330, 111));
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(330, 91));
  blog.write(331);
  posts.take({ post: examplePost(331), revision: 1 });
  showNew();
  expect(shown(feed)).toEqual(numbers(331, 92));
});

it('reads the oldest posts again after it dropped them, and then ends', async () => {
  blog.write(...numbers(200, 1));
  feed = new Feed({ topic: 'summer' }, blog, posts);
  await feed.refresh();
  while (feed.state.value.hasMore) await feed.readMore();
  feed.include({ post: examplePost(201, { topic: 'winter' }), revision: 1 });
  expect(shown(feed)).toEqual(numbers(201, 2));
  expect(feed.state.value.hasMore).toBe(true);
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(201, 1));
  expect(feed.state.value.hasMore).toBe(false);
});

it('shows only its topic and the posts that are included explicitly', async () => {
  feed = new Feed({ topic: 'winter' }, blog, posts);
  await feed.refresh();
  posts.take({ post: examplePost(1), revision: 1 });
  feed.include({ post: examplePost(2), revision: 1 });
  posts.take({ post: examplePost(2, { entities }), revision: 2 });
  frame();
  expect(shown(feed)).toEqual([2]);
  expect(feed.state.value.posts[0]?.entities).toEqual(entities);
  // A late answer to an earlier attempt that saved the post, whose updates have all arrived.
  posts.take({ post: examplePost(3, { entities }), revision: 2 });
  feed.include({ post: examplePost(3), revision: 1 });
  expect(shown(feed)).toEqual([3, 2]);
  expect(feed.state.value.posts[0]?.entities).toEqual(entities);
});

it('leaves out an old post that arrives before the posts between were read', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  posts.take({ post: examplePost(5, { entities }), revision: 2 });
  frame();
  expect(shown(feed)).toEqual(numbers(30, 11));
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(30, 1));
});

it('catches up on missed posts and on updates of the posts shown', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  await feed.readMore();
  blog.write(...numbers(75, 31));
  blog.posts = blog.posts.map((post) => ({ ...post, entities }));
  await feed.refresh();
  feed.showWaiting();
  expect(shown(feed)).toEqual(numbers(75, 56));
  while (feed.state.value.hasMore) await feed.readMore();
  expect(shown(feed)).toEqual(numbers(75, 1));
  expect(feed.state.value.posts.every((post) => post.entities)).toBe(true);
});

it('takes away a post that is removed, and does not bring it back', async () => {
  blog.write(...numbers(3, 1));
  await feed.refresh();
  const { id } = examplePost(2);
  posts.remove(id);
  frame();
  expect(shown(feed)).toEqual([3, 1]);
  posts.take({ post: examplePost(2, { entities }), revision: 2 });
  // The list that the page has asked for before.
  await feed.refresh();
  expect(shown(feed)).toEqual([3, 1]);
});

it('takes away a waiting post that is removed', async () => {
  blog.write(1);
  await feed.refresh();
  for (const n of [2, 3]) posts.take({ post: examplePost(n), revision: 1 });
  posts.remove(examplePost(3).id);
  frame();
  expect(waiting(feed)).toEqual([2]);
});

it('takes away the posts that were removed while it was not connected', async () => {
  blog.write(...numbers(50, 1));
  await feed.refresh();
  await feed.readMore();
  blog.posts = blog.posts.filter((_, index) => index % 2 === 1);
  await feed.refresh();
  expect(shown(feed)).toEqual(numbers(49, 1).filter((n) => n % 2 === 1));
});

it('takes away a post that was removed just after it arrived', async () => {
  blog.write(1);
  await feed.refresh();
  posts.take({ post: examplePost(2), revision: 1 });
  await feed.refresh();
  expect(waiting(feed)).toEqual([2]);
  await jest.advanceTimersByTimeAsync(6_000);
  expect(waiting(feed)).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it.each(['after', 'during'])('reads nothing more if it ends %s a read', async (when) => {
  await feed.refresh();
  feed.include({ post: examplePost(2), revision: 1 });
  const reading = feed.refresh();
  if (when === 'after') await reading;
  feed.end();
  await reading;
  expect(jest.getTimerCount()).toBe(0);
});

it('keeps a post that the lists do not contain yet, or never', async () => {
  blog.write(1);
  feed = new Feed({ topic: 'summer' }, blog, posts);
  await feed.refresh();
  feed.include({ post: examplePost(2), revision: 1 });
  posts.take({ post: examplePost(3), revision: 1 });
  feed.include({ post: examplePost(4, { topic: 'winter' }), revision: 1 });
  await feed.refresh();
  feed.showWaiting();
  expect(shown(feed)).toEqual([4, 3, 2, 1]);
  jest.advanceTimersByTime(60_000);
  await feed.refresh();
  expect(shown(feed)).toEqual([4, 1]);
});

it('starts again if it missed more posts than it can catch up on', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  blog.write(...numbers(1000, 31));
  await feed.refresh();
  expect(shown(feed)).toEqual(numbers(1000, 801));
  await feed.readMore();
  expect(shown(feed)).toEqual(numbers(1000, 781));
});

it('keeps its posts if reading fails, reports why, and continues with the next attempt', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  blog.isDown = true;
  await feed.readMore();
  posts.take({ post: examplePost(31), revision: 1 });
  showNew();
  expect(feed.state.value).toMatchObject({
    reading: false,
    failure: { part: 'older', reason: 'the server cannot be reached' },
    hasMore: true,
  });
  expect(shown(feed)).toEqual(numbers(31, 11));
  blog.isDown = false;
  await feed.readMore();
  expect(feed.state.value.failure).toBeUndefined();
  expect(shown(feed)).toEqual(numbers(31, 1));
});

it('retries a failed read by itself, or at once if it is told to, and stops when it ends', async () => {
  blog.write(...numbers(30, 1));
  blog.isDown = true;
  await feed.refresh();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(blog.requests).toBe(2);
  expect(feed.state.value).toMatchObject({ failure: { part: 'newest' }, reading: false });
  blog.isDown = false;
  feed.retryNow();
  await jest.advanceTimersByTimeAsync(0);
  expect(shown(feed)).toEqual(numbers(30, 11));
  expect(feed.state.value.failure).toBeUndefined();
  expect(jest.getTimerCount()).toBe(0);
  blog.isDown = true;
  await feed.readMore();
  feed.end();
  expect(jest.getTimerCount()).toBe(0);
});

it('reads the newest posts again as soon as older ones can be read', async () => {
  blog.write(...numbers(30, 1));
  await feed.refresh();
  blog.write(31);
  blog.isDown = true;
  await feed.refresh();
  await feed.readMore();
  expect(feed.state.value.failure?.part).toBe('newest');
  blog.isDown = false;
  await feed.readMore();
  await jest.advanceTimersByTimeAsync(0);
  expect(shown(feed)).toEqual(numbers(30, 1));
  expect(waiting(feed)).toEqual([31]);
  expect(feed.state.value.failure).toBeUndefined();
});

it('reads one page at a time, however often it is called', async () => {
  blog.write(...numbers(60, 1));
  await Promise.all([feed.refresh(), feed.readMore(), feed.readMore(), feed.refresh()]);
  expect(shown(feed)).toEqual(numbers(60, 1));
});
