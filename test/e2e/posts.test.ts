import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { eventually } from 'local-cloud/fixtures/eventually';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { BlogMetric } from '../../lambdas/runtime/blog-metrics.ts';
import { Post, PostPage } from '../../model/post.ts';
import { Problem } from '../../model/problem.ts';
import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start(UNTHROTTLED);
});
afterEach(() => cloud.disconnect());
afterAll(() => cloud.stop());

/** Returns the item of a post in the Posts table. */
async function stored(id: string): Promise<Record<string, unknown>> {
  const dynamoDb = new DynamoDBClient({ endpoint: cloud.awsUrl });
  const { Item } = await dynamoDb.send(
    new GetItemCommand({ TableName: cloud.outputs.PostsTableName, Key: { id: { S: id } } }),
  );
  dynamoDb.destroy();
  return unmarshall(Item ?? {});
}

const get = (path: string, headers: Record<string, string> = {}) => cloud.request(path, { headers });

async function create(more: object = {}): Promise<{ post: Post; location: string }> {
  const response = await cloud.post({ ...examplePost, ...more });
  expect(response.status).toBe(201);
  return { post: Post.parse(await response.json()), location: response.headers.get('location') ?? '' };
}

/** Creates a post by a request that names another host, which `fetch` cannot send. */
async function createAt(host: string, body: object): Promise<{ post: Post; location: string }> {
  const headers = { host, 'x-forwarded-host': host, 'content-type': 'application/json' };
  const sent = request(`${cloud.url}/posts`, { method: 'POST', headers }).end(JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (!response) throw new Error('There is no response.');
  const { location = '' } = response.headers;
  return { post: Post.parse(await json(response)), location };
}

const createMany = (count: number, more: object) =>
  Promise.all(Array.from({ length: count }, (_, index) => create({ title: `Title ${index}`, ...more })));

async function page(parameters: Record<string, string>) {
  const response = await get(`/posts?${new URLSearchParams(parameters)}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-cache');
  return PostPage.parse(await response.json());
}

async function problem(response: Response, status: number) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  return Problem.parse(await response.json());
}

const ids = (posts: Pick<Post, 'id'>[]) => posts.map(({ id }) => id);

describe('a new post', () => {
  it('is saved, mailed, enriched and pushed', async () => {
    const { messages } = await cloud.connect();
    await cloud.subscribe('summer@example.com', 'summer');
    await cloud.subscribe('winter@example.com', 'winter');

    const response = await cloud.post(examplePost);
    const post = Post.parse(await response.json());

    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/posts/${post.id}`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(post).toEqual({ ...examplePost, id: expect.any(String), createdAt: expect.any(String) });

    const enriched = { ...post, entities: { locations: ['Spain'], persons: ['Joe'] } };
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages).toEqual([{ type: 'post.updated', revision: 2, post: enriched }]);
    expect(await stored(post.id)).toEqual({
      ...enriched,
      ...feedKeys({ ...examplePost, id: post.id, createdAt: post.createdAt }),
      requestId: expect.any(String),
      revision: 2,
      updatedAt: expect.any(String),
    });

    const [, mail] = await eventually(async () => {
      const mails = await cloud.emails('summer@example.com');
      expect(mails).toHaveLength(2);
      return mails;
    });
    const [message = '', footer = ''] = mail?.text.split('\n\n--\n') ?? [];
    expect(JSON.parse(message)).toEqual({
      message: 'New post in summer: Title, by hunter s thompson',
      page: `${cloud.outputs.PageUrl}/p/${post.id}`,
      url: `${cloud.url}/posts/${post.id}`,
      topic: 'summer',
      title: 'Title',
      author: 'hunter s thompson',
      id: post.id,
      createdAt: post.createdAt,
    });
    expect(await cloud.emails('winter@example.com')).toHaveLength(1);

    const unsubscribe = /http\S+unsubscribe\S+/.exec(footer)?.[0] ?? '';
    expect((await fetch(unsubscribe)).status).toBe(200);
    const next = Post.parse(await (await cloud.post(examplePost)).json());
    await eventually(() =>
      expect(messages).toContainEqual(
        expect.objectContaining({ revision: 2, post: expect.objectContaining({ id: next.id }) }),
      ),
    );
    expect(await cloud.emails('summer@example.com')).toHaveLength(2);
    expect(await cloud.deadLetters()).toBe(0);
  });

  it('is pushed with empty lists if it names no person and no place', async () => {
    const { messages } = await cloud.connect();
    await cloud.post({ ...examplePost, body: 'The rain falls and falls' });
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages).toEqual([
      expect.objectContaining({
        post: expect.objectContaining({ entities: { locations: [], persons: [] } }),
      }),
    ]);
  });

  it('is pushed to clients of its topic and of all posts, but not to those of another topic', async () => {
    const everything = await cloud.connect();
    const summer = await cloud.connect('?topic=SUMMER');
    const winter = await cloud.connect('?topic=winter');
    await cloud.post(examplePost);
    await cloud.post({ ...examplePost, topic: 'Winter' });
    await eventually(() => expect(everything.messages).toHaveLength(2));
    await eventually(() =>
      expect([summer.messages, winter.messages]).toEqual([[expect.anything()], [expect.anything()]]),
    );
    expect(summer.messages).toEqual([
      expect.objectContaining({ post: expect.objectContaining({ topic: 'summer' }) }),
    ]);
    expect(winter.messages).toEqual([
      expect.objectContaining({ post: expect.objectContaining({ topic: 'winter' }) }),
    ]);
  });

  it('is pushed once per update to a client that watches both the post and its topic', async () => {
    const everything = await cloud.connect();
    const { id } = Post.parse(await (await cloud.post(examplePost)).json());
    await eventually(() => expect(everything.messages).toHaveLength(1));
    const both = await cloud.connect(`?topic=summer&postId=${id}`);
    await eventually(() => expect(both.messages).toHaveLength(1));
    const other = await cloud.connect(`?postId=${crypto.randomUUID()}`);
    const change = {
      TableName: cloud.outputs.PostsTableName,
      Key: { id: { S: id } },
      UpdateExpression: 'SET revision = :next',
      ExpressionAttributeValues: { ':next': { N: '3' } },
    };
    await cloud.dynamoDb('UpdateItem', change);
    const last = Post.parse(await (await cloud.post(examplePost)).json());
    // After the push of a later post, no push of the earlier one is outstanding.
    await eventually(() => expect(JSON.stringify(both.messages)).toContain(last.id));
    expect(both.messages).toEqual([
      // The state at the time of the connection.
      expect.objectContaining({ revision: 2, post: expect.objectContaining({ id }) }),
      expect.objectContaining({ revision: 3, post: expect.objectContaining({ id }) }),
      expect.objectContaining({ revision: 2, post: expect.objectContaining({ id: last.id }) }),
    ]);
    expect(other.messages).toEqual([]);
  });

  it.each([
    ['quotes and backslashes', '"quoted" \\"escaped\\" \'single\''],
    ['emoji', 'a 👩‍🚀 in orbit'],
    ['right-to-left text', 'שלום עולם \u202Eend'],
    ['a variable of the input transformer', '<topic> <detail-post-topic> <aws.events.event>'],
    ['a template literal', `$\{x} $context.requestId #set($x=1)`],
    ['markup', '<script>alert(1)</script>&amp;'],
  ])('with %s is stored, mailed and pushed exactly as sent', async (_name, text) => {
    const { messages } = await cloud.connect();
    const email = `${crypto.randomUUID()}@example.com`;
    const topic = text.toLowerCase().slice(0, 50);
    await cloud.subscribe(email, topic);
    const sent = { author: text, title: text, body: `${text}\nsecond line\ttabbed`, topic };
    const { id } = Post.parse(await (await cloud.post(sent)).json());
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages).toEqual([expect.objectContaining({ post: expect.objectContaining(sent) })]);
    expect(await stored(id)).toMatchObject(sent);
    const [, mail] = await eventually(async () => {
      const mails = await cloud.emails(email);
      expect(mails).toHaveLength(2);
      return mails;
    });
    expect(JSON.parse(mail?.text.split('\n\n--\n')[0] ?? '')).toMatchObject({
      author: text,
      title: text,
      topic,
    });
  });
});

describe('a post', () => {
  it('is at the Location of the response and at the URL in the mail, whatever the Host header', async () => {
    await cloud.subscribe('reader@example.com', 'mail');
    const { post, location } = await createAt('other.localhost', { ...examplePost, topic: 'mail' });
    expect(location).toBe(`/posts/${post.id}`);
    const response = await get(location);
    expect(response.status).toBe(200);
    expect(Post.parse(await response.json())).toMatchObject(post);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toContain('ETag');

    const mail = await eventually(async () => {
      const [, news] = await cloud.emails('reader@example.com');
      return z.object({ url: z.url() }).parse(JSON.parse(news?.text.split('\n')[0] ?? ''));
    });
    expect(mail.url).toBe(`${cloud.url}${location}`);
  });

  it('has its revision as its ETag, and is not sent again if it has not changed', async () => {
    const { location } = await create();
    const enriched = await eventually(async () => {
      const response = await get(location);
      expect(response.headers.get('etag')).toBe('"2"');
      return response;
    });
    expect(await enriched.json()).toMatchObject({ entities: { locations: ['Spain'], persons: ['Joe'] } });

    const same = await get(location, { 'If-None-Match': '"1", W/"2"' });
    expect(same.status).toBe(304);
    expect(await same.text()).toBe('');
    expect(same.headers.get('etag')).toBe('"2"');
    expect(same.headers.get('cache-control')).toBe('no-cache');
    expect(same.headers.get('access-control-allow-origin')).toBe('*');
    expect((await get(location, { 'If-None-Match': '"1"' })).status).toBe(200);
  });

  it.each(['/posts/01890a5d-ac96-774b-bcce-b302099a8057', '/posts/none', '/posts/%20'])(
    'that does not exist, %s, is a 404',
    async (path) => {
      expect((await problem(await get(path), 404)).detail).toBe('There is no such post.');
    },
  );
});

describe('the list of posts', () => {
  it('is read page by page, newest first, with each post once, while new posts are created', async () => {
    await createMany(45, { topic: 'pages' });
    const posts: Post[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const next = await page({ topic: 'pages', ...(cursor !== undefined && { cursor }) });
      posts.push(...next.posts);
      sizes.push(next.posts.length);
      cursor = next.nextCursor;
      await createMany(3, { topic: 'pages', title: 'New' });
    } while (cursor !== undefined);
    expect(sizes).toEqual([20, 20, 5]);
    expect(new Set(ids(posts)).size).toBe(45);
    expect(posts.map(({ title }) => title)).not.toContain('New');
    const times = posts.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().reverse());

    const all = await page({ limit: '100' });
    expect(all.posts.slice(0, 9).map(({ title }) => title)).toEqual(Array(9).fill('New'));
  });

  it('can be limited to a topic, in any case, or to an author', async () => {
    const ours = await create({ topic: 'Été #1', author: 'Jane Austen' });
    const others = await create({ topic: 'été #2', author: 'jane austen' });
    expect(ids((await page({ topic: 'ÉTÉ #1' })).posts)).toEqual([ours.post.id]);
    expect(ids((await page({ author: 'Jane Austen' })).posts)).toEqual([ours.post.id]);
    expect(ids((await page({ author: 'jane austen' })).posts)).toEqual([others.post.id]);
    expect(await page({ topic: 'autumn' })).toEqual({ posts: [] });
    expect(ids((await page({ limit: '2' })).posts)).toEqual([others.post.id, ours.post.id]);
  });

  it('contains the current state of each post, also of those with an Idempotency-Key', async () => {
    const response = await cloud.request('/posts', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'reading' },
      body: JSON.stringify({ ...examplePost, topic: 'keys' }),
    });
    const { id } = Post.parse(await response.json());
    await eventually(async () =>
      expect((await page({ topic: 'keys' })).posts).toEqual([
        expect.objectContaining({ id, entities: { locations: ['Spain'], persons: ['Joe'] } }),
      ]),
    );
  });

  it('is refused with all errors of the query at once', async () => {
    const both = await problem(await get('/posts?topic=summer&author=bob&limit=101&cursor=x'), 400);
    expect(both.errors?.map(({ path }) => path).sort()).toEqual(['/author', '/cursor', '/limit']);

    await createMany(2, { topic: 'cursors' });
    const { nextCursor = '' } = await page({ topic: 'cursors', limit: '1' });
    const forged = (nextCursor.startsWith('A') ? 'B' : 'A') + nextCursor.slice(1);
    for (const query of [`topic=cursors&cursor=${forged}`, `cursor=${nextCursor}`]) {
      const { errors } = await problem(await get(`/posts?${query}`), 400);
      expect(errors?.map(({ path }) => path)).toEqual(['/cursor']);
    }
    expect((await page({ topic: 'cursors', cursor: nextCursor })).posts).toHaveLength(1);
  });
});

it('answers CORS preflight requests', async () => {
  const response = await cloud.request('/posts', {
    method: 'OPTIONS',
    headers: { origin: 'https://example.com' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-headers')).toBe(
    'Content-Type,Idempotency-Key,If-None-Match',
  );
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
});

it.each([
  ['/posts', 'GET,POST'],
  ['/posts/01890a5d-ac96-774b-bcce-b302099a8057', 'GET'],
])('answers the preflight request of a page with the methods of %s', async (path, methods) => {
  const response = await cloud.request(path, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:3001', 'access-control-request-method': 'GET' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-methods')).toBe(methods);
  expect(response.headers.get('access-control-allow-headers')).toContain('If-None-Match');
});

it('is measured, whatever becomes of it', async () => {
  const names = async () => JSON.stringify(await (await fetch(`${cloud.url}/_local/metrics`)).json());
  const { socket } = await cloud.connect();
  const fault = { fault: 'error', code: 'TextSizeLimitExceededException', status: 400 };
  await fetch(`${cloud.url}/_local/faults`, {
    method: 'POST',
    body: JSON.stringify({ ...fault, service: 'comprehend', operation: 'DetectEntities' }),
  });
  await create({ topic: 'measured' });
  await eventually(async () => expect(await names()).toContain(BlogMetric.postsNotEnriched.metricName));
  await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
  await create({ topic: 'measured' });
  socket.close();
  await cloud.request('/subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'measured@example.com', topics: ['measured'] }),
  });
  await eventually(async () => {
    const metrics = await (await fetch(`${cloud.url}/_local/metrics`)).json();
    for (const { metricName: name, unit } of Object.values(BlogMetric))
      expect(metrics).toContainEqual(
        expect.objectContaining({ namespace: 'Blog', name, unit, dimensions: { service: 'Blog-dev' } }),
      );
  });
});

describe('a removed post', () => {
  const remove = (id: string) => removePost(localStackOf(cloud.outputs), id);
  const removed = (postId: string) => ({ type: 'post.removed', postId });

  async function createEnriched(more: object): Promise<Post> {
    const { post } = await create(more);
    await eventually(async () => expect(await stored(post.id)).toMatchObject({ revision: 2 }));
    return post;
  }

  it('is taken away from each follower, from the API and from the lists', async () => {
    const post = await createEnriched({ topic: 'removal', author: 'removed' });
    const followers = await Promise.all(
      ['', '?topic=removal', `?postId=${post.id}`, '?topic=other'].map((query) => cloud.connect(query)),
    );
    expect(await remove(post.id)).toMatchObject({ id: post.id, revision: 3 });
    await eventually(() => {
      for (const { messages } of followers.slice(0, 3)) expect(messages.at(-1)).toEqual(removed(post.id));
    });
    expect(followers[3]?.messages).toEqual([]);
    await problem(await get(`/posts/${post.id}`), 404);
    await problem(await get(`/posts/${post.id}`, { 'if-none-match': '"2"' }), 404);
    expect(await page({ topic: 'removal' })).toEqual({ posts: [] });
    expect(await page({ author: 'removed' })).toEqual({ posts: [] });
    expect(await remove(post.id)).toBe('removed before');
  });

  it('is not brought back by its key or by a late enrichment', async () => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'removal-key' },
      body: JSON.stringify({ ...examplePost, topic: 'removal by key' }),
    };
    const post = Post.parse(await (await cloud.request('/posts', init)).json());
    // Before or after its enrichment.
    const tombstone = await remove(post.id);
    await problem(await cloud.request('/posts', init), 410);
    await eventually(() => expect(cloud.output).toMatch(new RegExp(`enriched.*${post.id}`)));
    expect(await stored(post.id)).toEqual(tombstone);
  });

  it('is named as removed to clients that come later', async () => {
    const post = await createEnriched({ topic: 'late removal' });
    await remove(post.id);
    const { messages } = await cloud.connect(`?postId=${post.id}`);
    await eventually(() => expect(messages).toContainEqual(removed(post.id)));
    const { socket, messages: answers } = await cloud.connect('?topic=other');
    socket.send(JSON.stringify({ action: 'subscribe', postId: post.id }));
    const answer = { type: 'subscribed', postId: post.id, removed: true };
    await eventually(() => expect(answers).toEqual([answer]));
  });
});

// This test is the last, because a later one would wait until all these posts are enriched.
it('lists all posts page by page, even if one query of the table cannot return them', async () => {
  await createMany(40, { topic: 'large', body: 'a'.repeat(99_000) });
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const next = await page({ topic: 'large', limit: '40', ...(cursor !== undefined && { cursor }) });
    found.push(...ids(next.posts));
    cursor = next.nextCursor;
  } while (cursor !== undefined);
  expect(found).toHaveLength(40);
  expect(new Set(found).size).toBe(40);
});
