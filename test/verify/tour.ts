import { once } from 'node:events';
import * as z from 'zod/mini';
import { Fault } from '../../local/faults.ts';
import { examplePost } from '../e2e/example-post.ts';
import type { VirtualCloud } from '../e2e/virtual-cloud.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const enriched = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  createdAt: '2026-01-31T09:30:00.000Z',
  ...examplePost,
  entities: { locations: ['Spain'], persons: ['Joe'] },
};

/**
 * Leads through every hop of the flow, and through every way in which one fails for good, and tells what came of it. In
 * whatever it meets, it goes on to the end.
 */
export async function tour(cloud: VirtualCloud): Promise<object> {
  const everythingWorks = await happyDay(cloud);
  const lateClient = await watching(cloud);
  const functionsFail = await failingFunctions(cloud);
  cloud.faults.clear();
  const targetsFail = await failingTargets(cloud);
  return { everythingWorks, lateClient, functionsFail, targetsFail };
}

async function happyDay(cloud: VirtualCloud) {
  await cloud.subscribe('reader@example.com', 'summer');
  await putGoneConnection(cloud);
  const { socket, messages } = await cloud.connect().catch(() => ({ socket: undefined, messages: [] }));
  if (socket) {
    const answered = once(socket, 'message');
    socket.send('{"action":"ping"}');
    await answered;
  }
  const { status } = await cloud.post(examplePost);
  await putUnannouncedPost(cloud);
  await putBrokenPost(cloud);
  await cloud.pass(5 * MINUTE);
  return {
    status,
    messages: typesOf(messages),
    mails: (await cloud.emails('reader@example.com')).length,
    connections: await connections(cloud),
    queues: await queues(cloud),
  };
}

/** A client that asks for a post which has been enriched before: as it connects, and again when it is connected. */
async function watching(cloud: VirtualCloud) {
  const saved = z.looseObject({ id: z.optional(z.string()) });
  const { id = enriched.id } = saved.parse(await (await cloud.post(examplePost)).json());
  await cloud.pass(MINUTE);
  await putGoneConnection(cloud, `post#${id}`);
  await putConnectionOpened(cloud, id);
  const { socket, messages } = await cloud
    .connect(`?postId=${id}`)
    .catch(() => ({ socket: undefined, messages: [] }));
  if (socket) {
    const answered = once(socket, 'message');
    socket.send(JSON.stringify({ action: 'subscribe', postId: id }));
    await answered;
  }
  await cloud.pass(MINUTE);
  return { messages: typesOf(messages).sort(), connections: await connections(cloud) };
}

async function failingFunctions(cloud: VirtualCloud) {
  for (const name of ['recognize-entities', 'publish-post-updates', 'push-post-update', 'send-post-state'])
    cloud.faults.add(Fault.parse({ function: name, fault: 'error' }));
  await cloud.post(examplePost);
  await putEnrichedPost(cloud);
  await putUpdateEvent(cloud);
  await putConnectionOpened(cloud, enriched.id);
  // By then, idle connections are closed, and none has expired yet.
  await cloud.pass(15 * MINUTE);
  const left = await connections(cloud);
  await cloud.pass(7 * HOUR);
  // For one run: each that fails is in the queue.
  cloud.faults.add(Fault.parse({ function: 'relay-announcements', fault: 'error' }));
  await cloud.pass(MINUTE);
  return { connections: left, queues: await queues(cloud) };
}

async function failingTargets(cloud: VirtualCloud) {
  const gone = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };
  cloud.faults.add(Fault.parse({ service: 'lambda', operation: 'Invoke', ...gone }));
  cloud.faults.add(Fault.parse({ service: 'sns', operation: 'Publish', ...gone }));
  await cloud.post(examplePost);
  await putUpdateEvent(cloud);
  await putConnectionOpened(cloud, enriched.id);
  await cloud.pass(MINUTE);
  return { queues: await queues(cloud) };
}

function typesOf(messages: unknown): (string | undefined)[] {
  return z
    .array(z.looseObject({ type: z.optional(z.string()) }))
    .parse(messages)
    .map(({ type }) => type);
}

/** A row whose connection was gone before the cloud began: the first message to it finds that out. */
async function putGoneConnection(cloud: VirtualCloud, channel = 'all'): Promise<void> {
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.ConnectionsTableName,
    Item: {
      channel: { S: channel },
      connectionId: { S: 'gone' },
      connectedAt: { S: new Date(Date.now() - HOUR).toISOString() },
      expiresAt: { N: String(Math.floor(Date.now() / 1000) + 12 * 3600) },
    },
  });
}

/** A post that says that it has changed and cannot be read: it can never be published. */
async function putBrokenPost(cloud: VirtualCloud): Promise<void> {
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: { id: { S: 'broken' }, revision: { N: '2' }, updatedAt: { S: '2026-01-31T09:30:00.000Z' } },
  });
}

/** A post whose `create-post` has died: the relay announces it. */
async function putUnannouncedPost(cloud: VirtualCloud): Promise<void> {
  const id = '01890a5d-ac96-774b-bcce-b302099a8058';
  await putPost(cloud, {
    id: { S: id },
    revision: { N: '1' },
    outboxShard: { S: '8' },
    outboxSince: { S: `${enriched.createdAt}#${id}` },
    outboxUrl: { S: `${cloud.url}/posts/${id}` },
  });
}

async function putEnrichedPost(cloud: VirtualCloud): Promise<void> {
  await putPost(cloud, {
    id: { S: enriched.id },
    entities: { M: { locations: { L: [{ S: 'Spain' }] }, persons: { L: [{ S: 'Joe' }] } } },
    revision: { N: '2' },
    updatedAt: { S: enriched.createdAt },
  });
}

async function putPost(cloud: VirtualCloud, attributes: object): Promise<void> {
  const { createdAt, author, title, body, topic } = enriched;
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: {
      createdAt: { S: createdAt },
      author: { S: author },
      title: { S: title },
      body: { S: body },
      topic: { S: topic },
      ...attributes,
    },
  });
}

async function putUpdateEvent(cloud: VirtualCloud): Promise<void> {
  await putEvent(cloud, 'BlogPostUpdated', { version: 1, revision: 2, post: enriched });
}

/** Of the connection that is gone. */
async function putConnectionOpened(cloud: VirtualCloud, postId: string): Promise<void> {
  await putEvent(cloud, 'ConnectionOpened', { version: 1, connectionId: 'gone', postId });
}

/** Puts an event that is an hour old on the WebSocket bus. */
async function putEvent(cloud: VirtualCloud, detailType: string, detail: object): Promise<void> {
  await cloud.events('PutEvents', {
    Entries: [
      {
        EventBusName: cloud.outputs.WebSocketBusName,
        Source: 'blog',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: Math.floor((cloud.clock.now() - HOUR) / 1000),
      },
    ],
  });
}

async function connections(cloud: VirtualCloud): Promise<number> {
  const answer = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
  return z.object({ Count: z.number() }).parse(JSON.parse(answer)).Count;
}

/** How many messages wait in the queues that have any, by the end of their construct paths. */
async function queues(cloud: VirtualCloud): Promise<Record<string, number>> {
  const waiting = (await cloud.queues()).filter(({ messages }) => messages.length > 0);
  return Object.fromEntries(
    waiting.map(({ queue, messages }) => [
      queue.replace(/^Blog-dev-(OutboxRelay|PostProcessing|PostUpdates)|[0-9A-F]{8}$/g, ''),
      messages.length,
    ]),
  );
}
