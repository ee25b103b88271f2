import { eventually } from 'local-cloud/fixtures/eventually';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { connectionKey } from '../../model/connection.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

/** More than one event holds of connections, and DynamoDB of keys in a page. */
const deadConnections = 520;
const liveConnections = 20;
/** A page is 1 MB. */
const bytesOfRow = 2_500;

let cloud: LocalCloud;
beforeAll(async () => {
  // The first repeat of a function comes after a minute.
  cloud = await LocalCloud.start(['-c', 'webSocketRate=1000', '--speed', '20']);
});
afterAll(() => cloud.stop());

const Page = z.object({
  Items: z.array(
    z.object({ connectionId: z.object({ S: z.string() }), connectedAt: z.object({ S: z.string() }) }),
  ),
  LastEvaluatedKey: z.optional(z.unknown()),
});

async function put(items: object[]): Promise<void> {
  const { ConnectionsTableName = '' } = cloud.outputs;
  for (let first = 0; first < items.length; first += 25)
    await cloud.dynamoDb('BatchWriteItem', {
      RequestItems: {
        [ConnectionsTableName]: items.slice(first, first + 25).map((Item) => ({ PutRequest: { Item } })),
      },
    });
}

/** What the table has of a connection that ended an hour ago with nobody told: it follows the topic, and another. */
function itemsOfDead(connectionId: string): object[] {
  const channels = ['topic#summer', 'topic#nobody writes here'];
  const { channel } = connectionKey(connectionId);
  const rest = {
    connectionId: { S: connectionId },
    connectedAt: { S: new Date(Date.now() - 3_600_000).toISOString() },
    expiresAt: { N: String(Math.floor(Date.now() / 1000) + 3_600) },
  };
  return [
    { channel: { S: channel }, ...rest, channels: { SS: channels } },
    ...channels.map((name) => ({
      channel: { S: name },
      ...rest,
      padding: { S: 'x'.repeat(bytesOfRow) },
    })),
  ];
}

async function connectionsIn(channel: string): Promise<z.infer<typeof Page>> {
  const query = {
    TableName: cloud.outputs.ConnectionsTableName,
    KeyConditionExpression: 'channel = :channel',
    ExpressionAttributeValues: { ':channel': { S: channel } },
  };
  return Page.parse(JSON.parse(await cloud.dynamoDb('Query', query)));
}

/** How many connections each run that came to its end has sent to, or found gone. */
const pushed = () =>
  [...cloud.output.matchAll(/The update is pushed\. .*"delivered":(\d+),"gone":(\d+)/g)].map(
    ([, delivered, gone]) => Number(delivered) + Number(gone),
  );

it('each that lives of very many listeners gets the post once, and nothing is left of the dead', async () => {
  const clients = await Promise.all(
    Array.from({ length: liveConnections }, (_, n) => cloud.connect(n % 2 === 0 ? '?topic=summer' : '')),
  );
  await put(Array.from({ length: deadConnections }, (_, n) => itemsOfDead(`dead ${n}`)).flat());
  expect((await connectionsIn('topic#summer')).LastEvaluatedKey).toBeDefined();
  await cloud.post(examplePost);
  await eventually(() => expect(pushed().sort()).toEqual([40, 500]));
  const told = { type: 'post.updated', revision: 2, post: examplePost };
  for (const { messages } of clients) expect(messages).toMatchObject([told]);
  // A removal that failed, as on a machine that is busy, is left to the next push.
  await eventually(async () => {
    const before = pushed().length;
    await cloud.post(examplePost);
    await eventually(() => expect(pushed().length).toBeGreaterThan(before));
    const scan = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
    // An item for each connection, and one for what it follows.
    expect(Page.parse(JSON.parse(scan)).Items).toHaveLength(2 * liveConnections);
  });
});

it('a part of a push that fails is tried again by itself', async () => {
  const postId = uuidv7();
  const createdAt = new Date().toISOString();
  const post = { id: postId, createdAt, ...examplePost, topic: 'parts' };
  const strings = Object.entries(post).map(([name, value]) => [name, { S: value }]);
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: { ...Object.fromEntries(strings), revision: { N: '1' } },
  });
  const clients = await Promise.all(Array.from({ length: 4 }, () => cloud.connect('?topic=parts')));
  const connections = (await connectionsIn('topic#parts')).Items.map(({ connectionId, connectedAt }) => ({
    connectionId: connectionId.S,
    connectedAt: connectedAt.S,
  }));
  const putPart = (part: typeof connections) =>
    cloud.events('PutEvents', {
      Entries: [
        {
          EventBusName: cloud.outputs.WebSocketBusName,
          Source: 'blog',
          DetailType: 'ConnectionsToPush',
          Detail: JSON.stringify({ version: 1, postId, connections: part }),
        },
      ],
    });
  const received = () => clients.map(({ messages }) => messages.length).sort();
  // The first has sent, and fails then.
  const fault = { function: 'push-to-connections', fault: 'error', when: 'after' };
  const faults = `${cloud.url}/_local/faults`;
  await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  await putPart(connections.slice(0, 2));
  await eventually(() => expect(cloud.output).toMatch(/push-to-connections +failed .*, retry in 60 s/));
  await fetch(faults, { method: 'DELETE' });
  await putPart(connections.slice(2));
  await eventually(() => expect(received()).toEqual([1, 1, 2, 2]));
  for (const message of clients.flatMap(({ messages }) => messages))
    expect(message).toEqual({ type: 'post.updated', revision: 1, post });
  expect(await cloud.deadLetters()).toBe(0);
});
