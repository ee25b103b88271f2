import { request as httpRequest } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { eventually } from 'local-cloud/fixtures/eventually';
import { Connections } from 'local-cloud/steps';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.start(UNTHROTTLED);
});
afterAll(() => cloud.stop());

describe('the web page', () => {
  let pageUrl: string;
  beforeAll(() => {
    pageUrl = cloud.outputs.PageUrl ?? '';
  });

  it('is served at the printed URL, on its own origin', () => {
    expect(pageUrl).toMatch(/^http:\/\/localhost:\d+$/);
    expect(cloud.output).toContain(`Web page       ${pageUrl}\n`);
    expect(pageUrl).not.toBe(cloud.url);
  });

  it('may connect only to the two APIs, whose URLs are in its configuration', async () => {
    const { headers } = await fetch(pageUrl);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        `connect-src 'self' ${cloud.url} ${cloud.webSocketUrl}; ` +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    const config = await fetch(`${pageUrl}/config.json`);
    expect(config.headers.get('content-type')).toBe('application/json');
    expect(await config.json()).toEqual({ apiUrl: cloud.url, webSocketUrl: cloud.webSocketUrl });
  });

  it('consists of the files that its index names, without inline scripts and styles', async () => {
    const index = await (await fetch(pageUrl)).text();
    expect(index).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/);
    const files = [...index.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, file]) => file);
    expect(files.sort()).toEqual(['/main.css', '/main.js']);
    for (const file of files) {
      const { status, headers } = await fetch(`${pageUrl}${file}`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe(file === '/main.js' ? 'text/javascript' : 'text/css');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('is revalidated on every request, and returned again only if it has changed', async () => {
    const { headers } = await fetch(`${pageUrl}/main.js`);
    expect(headers.get('cache-control')).toBe('no-cache');
    const etag = headers.get('etag') ?? '';
    const again = await fetch(`${pageUrl}/main.js`, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
  });

  it.each([
    '/p/01890a5d-ac96-774b-bcce-b302099a8057',
    '/../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
  ])('shows its index at %s', async (path) => {
    // `fetch` would normalize the path.
    const { port } = new URL(pageUrl);
    const request = httpRequest({ host: '127.0.0.1', port, path }).end();
    const body = await new Promise<string>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', async (response) => resolve(Buffer.concat(await response.toArray()).toString()));
    });
    expect(body).toBe(await (await fetch(pageUrl)).text());
  });

  it('refuses a PUT', async () => {
    expect((await fetch(`${pageUrl}/main.js`, { method: 'PUT', body: 'a' })).status).toBe(403);
  });
});

type Client = Awaited<ReturnType<LocalCloud['connect']>>;

const Message = z.looseObject({ type: z.string() });
const Update = z.object({ type: z.literal('post.updated'), post: z.object({ id: z.string() }) });

const answersTo = ({ messages }: Client) =>
  z
    .array(Message)
    .parse(messages)
    .filter(({ type }) => type !== 'post.updated');
const pushedTo = ({ messages }: Client) =>
  messages.flatMap((message) => Update.safeParse(message).data?.post.id ?? []);

/** Connects a client to a topic without posts. */
const connect = () => cloud.connect('?topic=nobody writes here');

/** Sends a message and returns its answer. */
async function ask(client: Client, message: unknown): Promise<unknown> {
  const before = answersTo(client).length;
  client.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return eventually(() => {
    const answer = answersTo(client)[before];
    if (!answer) throw new Error(`The client has received no answer to ${message}.`);
    return answer;
  });
}

async function post(topic: string): Promise<string> {
  const answer = await cloud.post({ ...examplePost, topic });
  return z.object({ id: z.string() }).parse(await answer.json()).id;
}

/** Creates a post, and returns its ID when a client of all posts has received it. */
async function postAndPush(topic: string): Promise<string> {
  const all = await cloud.connect();
  const id = await post(topic);
  await eventually(() => expect(pushedTo(all)).toContain(id));
  all.socket.close();
  return id;
}

describe('on the WebSocket', () => {
  it('a client receives the posts of a topic until it unsubscribes', async () => {
    const client = await connect();
    expect(await ask(client, { action: 'subscribe', topic: ' Été' })).toEqual({
      type: 'subscribed',
      topic: 'été',
    });
    const id = await postAndPush('été');
    await postAndPush('winter');
    expect(await ask(client, { action: 'unsubscribe', topic: 'ÉTÉ' })).toEqual({
      type: 'unsubscribed',
      topic: 'été',
    });
    await postAndPush('été');
    expect(await ask(client, { action: 'ping' })).toEqual({ type: 'pong' });
    expect(pushedTo(client)).toEqual([id]);
  });

  it('a client receives the state of a post when it subscribes, and updates until it unsubscribes', async () => {
    const id = await postAndPush('spring');
    const client = await connect();
    const state = {
      type: 'subscribed',
      postId: id,
      revision: 2,
      post: { id, entities: { locations: ['Spain'] } },
    };
    const subscribe = { action: 'subscribe', postId: id };
    expect(await ask(client, subscribe)).toMatchObject(state);
    // A repeated request has the same answer.
    expect(await ask(client, subscribe)).toMatchObject(state);
    const change = async () => {
      const all = await cloud.connect();
      await cloud.dynamoDb('UpdateItem', {
        TableName: cloud.outputs.PostsTableName,
        Key: { id: { S: id } },
        UpdateExpression: 'SET revision = revision + :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      });
      await eventually(() => expect(pushedTo(all)).toEqual([id]));
    };
    await change();
    await eventually(() => expect(pushedTo(client)).toEqual([id]));
    expect(await ask(client, { ...subscribe, action: 'unsubscribe' })).toEqual({
      type: 'unsubscribed',
      postId: id,
    });
    await change();
    await ask(client, { action: 'ping' });
    expect(pushedTo(client)).toEqual([id]);
  });

  it('a client with several subscriptions to a post receives it once', async () => {
    const client = await cloud.connect('?topic=autumn');
    const id = await post('autumn');
    await ask(client, { action: 'subscribe', postId: id });
    await ask(client, { action: 'subscribe', topic: 'autumn' });
    await eventually(() => expect(pushedTo(client)).toEqual([id]));
    await postAndPush('winter');
    expect(pushedTo(client)).toEqual([id]);
  });

  it.each([
    ['{', 'The message is not JSON.'],
    [
      { action: 'follow' },
      'The message is not understood: action must be "ping", "subscribe" or "unsubscribe".',
    ],
    [{ action: 'subscribe' }, 'The message is not understood: postId or topic must be given, and not both.'],
    [{ action: 'unsubscribe', postId: '42' }, 'The message is not understood: postId must be a UUID.'],
    [
      { action: 'subscribe', topic: 'x'.repeat(51) },
      'The message is not understood: topic must be at most 50 characters.',
    ],
  ])('%j is answered with the reason why it is invalid', async (message, why) => {
    expect(await ask(await connect(), message)).toEqual({ type: 'error', message: why });
  });

  it('a connection holds 100 subscriptions, including the one of its query', async () => {
    const client = await connect();
    const subscribe = (topic: string) => ask(client, { action: 'subscribe', topic });
    for (let n = 1; n < 100; n++)
      client.socket.send(JSON.stringify({ action: 'subscribe', topic: `topic ${n}` }));
    await eventually(() => expect(answersTo(client)).toHaveLength(99));
    expect(new Set(answersTo(client).map(({ type }) => type))).toEqual(new Set(['subscribed']));
    const refused = {
      type: 'error',
      message: 'A connection may hold 100 subscriptions. To add one more, unsubscribe from another first.',
    };
    expect(await subscribe('one more')).toEqual(refused);
    expect(await subscribe('topic 7')).toEqual({ type: 'subscribed', topic: 'topic 7' });
    await ask(client, { action: 'unsubscribe', topic: 'nobody writes here' });
    expect(await subscribe('one more')).toEqual({ type: 'subscribed', topic: 'one more' });
    expect(await subscribe('topic 100')).toMatchObject({ type: 'error' });
  });

  it('a connection can subscribe again after its last subscription has ended', async () => {
    const client = await connect();
    for (let round = 0; round < 2; round++) {
      expect(await ask(client, { action: 'unsubscribe', topic: 'nobody writes here' })).toMatchObject({
        type: 'unsubscribed',
      });
    }
    expect(await ask(client, { action: 'subscribe', topic: 'spring' })).toMatchObject({ type: 'subscribed' });
  });

  it('a client that never reads loses its connection, and another receives each post once', async () => {
    const silent = await cloud.connect('?topic=silence');
    const open = Connections.parse(await (await fetch(`${cloud.url}/_local/connections`)).json());
    const { connectionId = '' } = open.find(({ query }) => query.topic === 'silence') ?? {};
    const { messages } = await cloud.connect('?topic=silence');
    silent.socket.pause();
    const send = () =>
      fetch(`${cloud.awsUrl}/dev/@connections/${connectionId}`, {
        method: 'POST',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/any/aws4_request' },
        body: 'x'.repeat(128 * 1024),
      });
    const closed = () => expect(cloud.output).toContain('A connection whose client does not read is closed.');
    let posts = 0;
    do {
      // Fills the buffers of the operating system. A message that waits shows that they are full.
      while (await Promise.race([send().catch(() => false), setTimeout(500, false)]));
      await cloud.post({ ...examplePost, topic: 'silence' });
      posts++;
      // Three sends time out after 2 s each.
    } while (
      !(await eventually(closed, 20_000).then(
        () => true,
        () => false,
      ))
    );
    await eventually(() => expect(messages).toHaveLength(posts));
    expect(cloud.output).not.toMatch(/WebSocket .* closed, because the client does not read/);
    await eventually(async () => {
      const items = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
      expect(items).not.toContain(connectionId);
    });
    expect(await cloud.deadLetters()).toBe(0);
  });

  it('after pipelined subscribe and unsubscribe requests, the memberships match the connection’s item', async () => {
    const Row = z.object({
      channel: z.object({ S: z.string() }),
      connectionId: z.object({ S: z.string() }),
      channels: z.optional(z.object({ SS: z.array(z.string()) })),
    });
    const rows = async () => {
      const scan = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
      return z.object({ Items: z.array(Row) }).parse(JSON.parse(scan)).Items;
    };
    const client = await cloud.connect('?topic=pipelined');
    const [{ connectionId } = { connectionId: undefined }] = (await rows()).filter(
      ({ channel }) => channel.S === 'topic#pipelined',
    );
    const own = async () => (await rows()).filter((row) => row.connectionId.S === connectionId?.S);
    for (let n = 0; n < 90; n++)
      for (const action of ['subscribe', 'unsubscribe'])
        client.socket.send(JSON.stringify({ action, topic: `pipelined ${n}` }));
    await eventually(() => expect(answersTo(client)).toHaveLength(180));
    expect(new Set(answersTo(client).map(({ type }) => type))).toEqual(
      new Set(['subscribed', 'unsubscribed']),
    );
    const left = await own();
    const named = left.flatMap(({ channels }) => channels?.SS ?? []);
    const memberships = left.flatMap(({ channel, channels }) => (channels ? [] : channel.S));
    expect(memberships.sort()).toEqual(named.sort());
    client.socket.close();
    await eventually(async () => expect(await own()).toEqual([]));
  });
});

describe('a client that is still connecting', () => {
  beforeAll(async () => {
    // The first invocation of a function is slow.
    const { messages } = await cloud.connect();
    const id = await post('first');
    await eventually(() => expect(messages).toHaveLength(1));
    const watching = await cloud.connect(`?postId=${id}`);
    await eventually(() => expect(watching.messages).toHaveLength(1));
  });
  afterEach(() => fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' }));
  async function switchOn(fault: object): Promise<void> {
    await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  }

  /** Connects a client that is registered before its post is enriched, and connected after it. */
  async function connectDuringEnrichment() {
    // The call for the post waits for the call for the next post.
    await switchOn({ service: 'comprehend', fault: 'reorder' });
    // The SDK gives up the first attempt after 2 s, and its retry succeeds.
    const lost = { fault: 'delay', ms: 10_000, times: 1 };
    await switchOn({ function: 'manage-connections', service: 'events', ...lost });
    const id = await post('summer');
    const connecting = cloud.connect(`?postId=${id}`);
    const { ConnectionsTableName } = cloud.outputs;
    await eventually(async () =>
      expect(await cloud.dynamoDb('Scan', { TableName: ConnectionsTableName })).toContain(
        `"channel":{"S":"post#${id}"}`,
      ),
    );
    await post('summer');
    const { messages } = await connecting;
    expect(cloud.output).toMatch(new RegExp(`The post is enriched.*${id}[^]*A client connected.*${id}`));
    return { id, messages };
  }

  it('receives the push that was sent meanwhile', async () => {
    await switchOn({ function: 'send-post-state', fault: 'error' });
    const { id, messages } = await connectDuringEnrichment();
    await eventually(() => expect(messages).toMatchObject([{ revision: 2, post: { id } }]));
  });

  it('receives the state if the push fails', async () => {
    await switchOn({ function: 'push-post-update', fault: 'error' });
    const { id, messages } = await connectDuringEnrichment();
    await eventually(() => expect(messages).toMatchObject([{ revision: 2, post: { id } }]));
  });
});

it('ended connections leave no items in the table', async () => {
  cloud.disconnect();
  const TableName = cloud.outputs.ConnectionsTableName;
  await eventually(async () => expect(await cloud.dynamoDb('Scan', { TableName })).toContain('"Count":0'));
});
