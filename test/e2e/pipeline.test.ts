import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { eventually } from 'local-cloud/fixtures/eventually';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { feedKeys } from '../../lambdas/posts/post-feed.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

const Post = z.looseObject({ id: z.string(), createdAt: z.string() });

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start();
}, 60_000);
afterAll(() => cloud.stop());

/** The item of a post in the Posts table. */
async function stored(id: string): Promise<Record<string, unknown>> {
  const dynamoDb = new DynamoDBClient({ endpoint: cloud.awsUrl });
  const { Item } = await dynamoDb.send(
    new GetItemCommand({ TableName: cloud.outputs.PostsTableName, Key: { id: { S: id } } }),
  );
  dynamoDb.destroy();
  return unmarshall(Item ?? {});
}

it('saves, mails, enriches and pushes a post', async () => {
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

it('pushes a post that names nobody with empty lists', async () => {
  const { messages } = await cloud.connect();
  await cloud.post({ ...examplePost, body: 'The rain falls and falls' });
  await eventually(() => expect(messages).toHaveLength(1));
  expect(messages).toEqual([
    expect.objectContaining({ post: expect.objectContaining({ entities: { locations: [], persons: [] } }) }),
  ]);
});

it('pushes to a client that asked for a topic the posts of that topic alone', async () => {
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

it('pushes an update once to a client that asked for the post and for its topic', async () => {
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
  // The push of a later post shows that nothing of the earlier one is still to come.
  await eventually(() => expect(JSON.stringify(both.messages)).toContain(last.id));
  expect(both.messages).toEqual([
    // The state that it found.
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
])('stores, mails and pushes %s exactly as sent', async (_name, text) => {
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
