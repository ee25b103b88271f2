import { Api } from '../../web/api.ts';
import { entities, examplePost } from './example-posts.ts';

const api = new Api('http://localhost:3000');
const fetched = jest.spyOn(globalThis, 'fetch');

afterEach(() => fetched.mockReset());

function answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
  fetched.mockResolvedValueOnce(new Response(JSON.stringify(body), { status, headers }));
}

const problem = { type: 'about:blank', title: 'Problem', status: 400, detail: 'What is wrong.' };

it('requests a page of a topic after a cursor', async () => {
  answer(200, { posts: [examplePost(1)], nextCursor: 'next' });
  const page = await api.listPosts({ topic: 'a&b', cursor: 'c=', limit: 20 });
  expect(page).toEqual({ posts: [examplePost(1)], nextCursor: 'next' });
  expect(fetched.mock.lastCall?.[0]).toBe('http://localhost:3000/posts?limit=20&topic=a%26b&cursor=c%3D');
});

it('reads a post with the revision of its ETag, or else the revision that its content shows', async () => {
  const post = examplePost(1, { entities });
  answer(200, post, { etag: '"7"' });
  expect(await api.readPost(post.id)).toEqual({ post, revision: 7 });
  answer(200, post);
  expect(await api.readPost(post.id)).toEqual({ post, revision: 2 });
  answer(404, { ...problem, status: 404 });
  expect(await api.readPost(post.id)).toBeUndefined();
});

it('saves a post under its key', async () => {
  const { author, title, body, topic } = examplePost(1);
  answer(201, examplePost(1));
  expect(await api.createPost({ author, title, body, topic }, 'key')).toEqual(examplePost(1));
  expect(fetched.mock.lastCall?.[1]).toMatchObject({
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'key' },
    body: JSON.stringify({ author, title, body, topic }),
  });
});

it('throws the message of the server with its field errors and the time to wait', async () => {
  const errors = [{ path: '/email', message: 'must be an e-mail address' }];
  answer(400, { ...problem, errors });
  await expect(api.subscribe({ email: '', topics: [] })).rejects.toMatchObject({
    message: 'What is wrong.',
    status: 400,
    fieldErrors: errors,
  });
  answer(429, problem, { 'retry-after': '1800' });
  await expect(api.subscribe({ email: '', topics: [] })).rejects.toMatchObject({
    status: 429,
    retryAfter: 1800,
  });
});

it('throws if there is no answer, or an answer that it cannot read', async () => {
  fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  await expect(api.readPost('x')).rejects.toMatchObject({
    message: 'The server cannot be reached.',
    status: undefined,
  });
  answer(200, { posts: 'many' });
  await expect(api.listPosts({ limit: 20 })).rejects.toThrow('The response of the server is not valid.');
  fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
  await expect(api.readPost('x')).rejects.toThrow('The server responded with the status 502.');
});
