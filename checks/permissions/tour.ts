import { once } from 'node:events';
import { Fault } from 'local-cloud/faults';
import { Connections } from 'local-cloud/steps';
import * as z from 'zod/mini';
import { examplePost } from '../../contracts/examples.ts';
import { connectionsPerEvent } from '../../model/events.ts';
import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { StackGraph } from '../stack-graph.ts';
import {
  goneConnection,
  putConnectionOpened,
  putConnectionsToPush,
  putGoneConnection,
} from './gone-connections.ts';
import { putEvent } from './put-event.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The error of a target that does not exist. It is not worth a retry. */
const gone = { fault: 'error', code: 'ResourceNotFoundException', status: 404 };

const enriched = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  createdAt: '2026-01-31T09:30:00.000Z',
  ...examplePost,
  entities: { locations: ['Spain'], persons: ['Joe'] },
};

/** The ID of the post that the relay announces, and that an operator removes. */
const unannounced = '01890a5d-ac96-774b-bcce-b302099a8058';

/**
 * The stages of the tour, in their order: each passes some hops, or makes some fail permanently.
 */
const stages = {
  everythingWorks: happyDay,
  lateClient: watching,
  silentClient: notAnswering,
  subscriptions: subscribing,
  manyListeners: split,
  functionsFail: failingFunctions,
  targetsFail: failingTargets,
};

/** What each stage of a tour has shown. */
export type TourOutcome = { [Stage in keyof typeof stages]?: Awaited<ReturnType<(typeof stages)[Stage]>> };

/**
 * Passes every hop of the flow, makes every hop fail permanently, and returns the outcome. It
 * continues whatever goes wrong, until `isOver` returns true after a stage.
 */
export async function tour(
  cloud: VirtualCloud,
  isOver: (outcome: TourOutcome) => boolean = () => false,
): Promise<TourOutcome> {
  let outcome: TourOutcome = {};
  for (const [stage, pass] of Object.entries(stages)) {
    outcome = { ...outcome, [stage]: await pass(cloud) };
    cloud.faults.clear();
    if (isOver(outcome)) break;
  }
  return outcome;
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
  await removePost(localStackOf(cloud.outputs), unannounced);
  await cloud.pass(MINUTE);
  return {
    status,
    page: (await fetch(cloud.outputs.PageUrl ?? '')).status,
    read: await reading(cloud),
    messages: typesOf(messages),
    mails: (await cloud.emails('reader@example.com')).length,
    connections: await connections(cloud),
    queues: await queues(cloud),
  };
}

/** Reads each list of posts, and a post. Returns the statuses of the responses. */
async function reading(cloud: VirtualCloud): Promise<number[]> {
  const { topic, author } = examplePost;
  const paths = ['', `?topic=${topic}`, `?author=${encodeURIComponent(author)}`, `/${enriched.id}`];
  const statuses: number[] = [];
  for (const path of paths) {
    const { status } = await cloud.request(`/posts${path}`);
    statuses.push(status);
  }
  return statuses;
}

/**
 * Connects a client that asks for an enriched post. When connected, the client subscribes to the
 * same post, then unsubscribes.
 */
async function watching(cloud: VirtualCloud) {
  const saved = z.looseObject({ id: z.optional(z.string()) });
  const { id = enriched.id } = saved.parse(await (await cloud.post(examplePost)).json());
  await cloud.pass(MINUTE);
  // One for each function, because the function that finds it gone removes it.
  await putGoneConnection(cloud, `post#${id}`, 'gone-late');
  await putConnectionOpened(cloud, id, 'gone-late');
  await putGoneConnection(cloud, `post#${id}`, 'gone-in-a-part');
  await putConnectionsToPush(cloud, id, 'gone-in-a-part');
  const { socket, messages } = await cloud
    .connect(`?postId=${id}`)
    .catch(() => ({ socket: undefined, messages: [] }));
  if (socket) {
    for (const action of ['subscribe', 'unsubscribe']) {
      const answered = once(socket, 'message');
      socket.send(JSON.stringify({ action, postId: id }));
      await answered;
    }
  }
  await cloud.pass(MINUTE);
  return { messages: typesOf(messages).sort(), connections: await connections(cloud) };
}

/**
 * Pushes to a client to which every send times out, after a first attempt that others received.
 * Returns whether its connection was closed.
 */
async function notAnswering(cloud: VirtualCloud) {
  const id = '01890a5d-ac96-774b-bcce-b302099a8060';
  await putEnrichedPost(cloud, id);
  await cloud.pass(MINUTE);
  const client = await cloud.connect('?topic=silence').catch(() => undefined);
  const open = Connections.parse(await (await fetch(`${cloud.url}/_local/connections`)).json());
  const silent = open.filter(({ query }) => query.topic === 'silence');
  cloud.faults.add(
    Fault.parse({ hop: 'push-to-connections → execute-api:PostToConnection', fault: 'delay', ms: 10_000 }),
  );
  await putEvent(cloud, 'ConnectionsToPush', {
    version: 1,
    postId: id,
    attempt: 2,
    connections: silent.map(({ connectionId, connectedAt }) => ({
      connectionId,
      connectedAt: new Date(connectedAt).toISOString(),
    })),
  });
  await cloud.pass(5 * MINUTE);
  const closed = client !== undefined && client.socket.readyState !== client.socket.OPEN;
  return { closed, connections: await connections(cloud), queues: await queues(cloud) };
}

/**
 * Subscribes one address twice, to different topics, another at which SNS fails first, and a third
 * for which the topic has no room.
 */
async function subscribing(cloud: VirtualCloud) {
  const subscribe = async (email: string, topic = 'winter') =>
    (await cloud.postSubscription({ email, topics: [topic] })).status;
  const accepted = await subscribe('first@example.com');
  await forgetLimits(cloud);
  const other = await subscribe('first@example.com', 'summer');
  cloud.faults.add(Fault.parse({ service: 'sns', operation: 'Subscribe', ...gone }));
  const failed = await subscribe('second@example.com');
  cloud.faults.clear();
  const repeated = await subscribe('second@example.com');
  const { TopicArn = '' } = cloud.outputs;
  const addresses = Array.from({ length: 200 }, (_, n) => `reader-${n}@example.com`);
  for (const Endpoint of addresses)
    await cloud.sns({ Action: 'Subscribe', TopicArn, Protocol: 'email', Endpoint });
  // The subscriptions have no filter policies, so SNS would accept another. Only the handler's
  // count refuses it.
  const full = await subscribe('third@example.com');
  const mails: number[] = [];
  for (const email of ['first@example.com', 'second@example.com'])
    mails.push((await cloud.emails(email)).length);
  return { accepted, other, failed, repeated, full, mails };
}

/** Deletes the limits of e-mail addresses, which would otherwise last for an hour. */
async function forgetLimits(cloud: VirtualCloud): Promise<void> {
  const { TableNames } = z
    .object({ TableNames: z.array(z.string()) })
    .parse(JSON.parse(await cloud.dynamoDb('ListTables', {})));
  const TableName = TableNames.find((name) => name.includes('RequestLimits'));
  const { Items } = z
    .object({ Items: z.array(z.object({ limit: z.object({ S: z.string() }) })) })
    .parse(JSON.parse(await cloud.dynamoDb('Scan', { TableName })));
  for (const { limit } of Items)
    if (limit.S.startsWith('address#')) await cloud.dynamoDb('DeleteItem', { TableName, Key: { limit } });
}

/**
 * Pushes to more listeners than one event holds, while the parts of the push cannot be delivered.
 */
async function split(cloud: VirtualCloud) {
  cloud.faults.add(Fault.parse({ hop: 'ConnectionsToPush → push-to-connections', ...gone }));
  const items = Array.from({ length: connectionsPerEvent + 1 }, (_, n) => goneConnection('all', `gone-${n}`));
  await writeConnections(
    cloud,
    items.map((Item) => ({ PutRequest: { Item } })),
  );
  await putEnrichedPost(cloud, '01890a5d-ac96-774b-bcce-b302099a8059');
  await cloud.pass(5 * MINUTE);
  await writeConnections(
    cloud,
    items.map(({ channel, connectionId }) => ({ DeleteRequest: { Key: { channel, connectionId } } })),
  );
  return { queues: await queues(cloud) };
}

/** Makes each function that no request waits for fail, on one event of each kind. */
async function failingFunctions(cloud: VirtualCloud) {
  const graph = new StackGraph(await cloud.architecture());
  const fail = (name: string) => cloud.faults.add(Fault.parse({ function: name, fault: 'error' }));
  graph.consumers.forEach(fail);
  await cloud.post(examplePost);
  await putUpdateEvent(cloud);
  await putConnectionsToPush(cloud, enriched.id);
  await putConnectionOpened(cloud, enriched.id);
  // API Gateway has closed the idle connections. Their items have not expired.
  await cloud.pass(15 * MINUTE);
  const left = await connections(cloud);
  // The stream gives a batch up after 100 retries, which are at most a minute apart.
  await cloud.pass(2 * HOUR);
  // For one run, because each failed run goes to the queue.
  graph.scheduled.forEach(fail);
  await cloud.pass(MINUTE);
  return { connections: left, queues: await queues(cloud) };
}

async function failingTargets(cloud: VirtualCloud) {
  cloud.faults.add(Fault.parse({ service: 'lambda', operation: 'Invoke', ...gone }));
  cloud.faults.add(Fault.parse({ service: 'sns', operation: 'Publish', ...gone }));
  await cloud.post(examplePost);
  await putUpdateEvent(cloud);
  await putRemovalEvent(cloud);
  await putConnectionsToPush(cloud, enriched.id);
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

async function writeConnections(cloud: VirtualCloud, requests: object[]): Promise<void> {
  const { ConnectionsTableName = '' } = cloud.outputs;
  for (let first = 0; first < requests.length; first += 25)
    await cloud.dynamoDb('BatchWriteItem', {
      RequestItems: { [ConnectionsTableName]: requests.slice(first, first + 25) },
    });
}

/**
 * Puts a post that is marked as changed and cannot be parsed, so its update can never be published.
 */
async function putBrokenPost(cloud: VirtualCloud): Promise<void> {
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.PostsTableName,
    Item: { id: { S: 'broken' }, revision: { N: '2' }, updatedAt: { S: '2026-01-31T09:30:00.000Z' } },
  });
}

/** Puts a post whose `create-post` died before the announcement, so the relay announces it. */
async function putUnannouncedPost(cloud: VirtualCloud): Promise<void> {
  await putPost(cloud, {
    id: { S: unannounced },
    revision: { N: '1' },
    outboxShard: { S: '8' },
    outboxSince: { S: `${enriched.createdAt}#${unannounced}` },
    outboxUrl: { S: `${cloud.url}/posts/${unannounced}` },
  });
}

async function putEnrichedPost(cloud: VirtualCloud, id: string): Promise<void> {
  await putPost(cloud, {
    id: { S: id },
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

async function putRemovalEvent(cloud: VirtualCloud): Promise<void> {
  const { id: postId, topic } = enriched;
  await putEvent(cloud, 'BlogPostRemoved', { version: 1, revision: 3, postId, topic });
}

async function connections(cloud: VirtualCloud): Promise<number> {
  const answer = await cloud.dynamoDb('Scan', { TableName: cloud.outputs.ConnectionsTableName });
  return z.object({ Count: z.number() }).parse(JSON.parse(answer)).Count;
}

/** Returns how many messages wait in each queue that holds any, by the label of the queue. */
async function queues(cloud: VirtualCloud): Promise<Record<string, number>> {
  const { nodes } = await cloud.architecture();
  return Object.fromEntries(
    (await cloud.queues()).flatMap(({ queue, messages }) => {
      const { label = queue } = nodes.find(({ id }) => queue.endsWith(id)) ?? {};
      return messages.length > 0 ? [[label, messages.length]] : [];
    }),
  );
}
