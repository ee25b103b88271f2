import { eventually } from 'local-cloud/fixtures/eventually';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { connectionKey } from '../../model/connection.ts';
import { connectionIdOf } from '../../testing/connection-id.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

/** More connections than one event holds, and more items than a page of DynamoDB holds. */
const deadConnections = 520;
const liveConnections = 20;
/** Makes the items exceed a page, which is 1 MB. */
const bytesOfRow = 2_500;

let cloud: LocalCloud;
beforeAll(async () => {
  // Lambda retries a function after one minute.
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

/**
 * Returns the items of a connection to two topics that was lost an hour ago without `$disconnect`.
 */
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

/** Returns the number of connections in each completed push, whether delivered or gone. */
const pushed = () =>
  [...cloud.output.matchAll(/The update is pushed\. .*"delivered":(\d+),"gone":(\d+)/g)].map(
    ([, delivered, gone]) => Number(delivered) + Number(gone),
  );

it('each open connection among hundreds of lost ones receives the post once, and the lost ones are removed', async () => {
  const clients = await Promise.all(
    Array.from({ length: liveConnections }, (_, n) => cloud.connect(n % 2 === 0 ? '?topic=summer' : '')),
  );
  await put(
    Array.from({ length: deadConnections }, (_, n) => itemsOfDead(connectionIdOf(`dead-${n}`))).flat(),
  );
  expect((await connectionsIn('topic#summer')).LastEvaluatedKey).toBeDefined();
  await cloud.post(examplePost);
  await eventually(() => expect(pushed().sort()).toEqual([40, 500]));
  const told = { type: 'post.updated', revision: 2, post: examplePost };
  for (const { messages } of clients) expect(messages).toMatchObject([told]);
  // If a removal fails, for example on a busy machine, the next push repeats it.
  await eventually(async () => {
    const before = pushed().length;
    await cloud.post(examplePost);
    await eventually(() => expect(pushed().length).toBeGreaterThan(before));
    const scan = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
    // Each connection has an item, and one for its channel.
    expect(Page.parse(JSON.parse(scan)).Items).toHaveLength(2 * liveConnections);
  });
});

it('a failed part of a push is retried on its own', async () => {
  const postId = uuidv7();
  const createdAt = new Date().toISOString();
  const post = { id: postId, createdAt, ...examplePost, topic: 'parts' };
  const strings = Object.entries(post).map(([name, value]) => [name, { S: value }]);
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: { ...Object.fromEntries(strings), revision: { N: '2' } },
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
  // The first part fails after it has sent.
  const fault = { function: 'push-to-connections', fault: 'error', when: 'after' };
  const faults = `${cloud.url}/_local/faults`;
  await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  await putPart(connections.slice(0, 2));
  await eventually(() => expect(cloud.output).toMatch(/push-to-connections +failed .*, retry in 60 s/));
  await fetch(faults, { method: 'DELETE' });
  await putPart(connections.slice(2));
  await eventually(() => expect(received()).toEqual([1, 1, 2, 2]));
  for (const message of clients.flatMap(({ messages }) => messages))
    expect(message).toEqual({ type: 'post.updated', revision: 2, post });
  expect(await cloud.deadLetters()).toBe(0);
});
