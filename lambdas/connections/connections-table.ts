import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Connection, connectionKey, maxSubscriptions } from '../../model/connection.ts';
import { parse } from '../../model/parse.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { CONNECTIONS_TABLE } from './environment.ts';

/*
 * A connection's own item names its channels and is the source of truth; the memberships follow it.
 *
 * - A membership is put after its channel is named and deleted before its name is removed. The item
 *   therefore names every membership, whichever write fails.
 * - Requests of one connection run concurrently. A request that changes a name therefore writes the
 *   membership accordingly and then reads the name again (`reconcile`): the last writer has seen
 *   the last change.
 * - A removal withdraws all names at once by the attribute `ended`. They stay readable until their
 *   memberships are deleted.
 */

/**
 * The lifetime of an item in milliseconds: API Gateway closes a WebSocket after 2 hours ("Amazon
 * API Gateway quotas"), and 5 minutes are to spare.
 */
const itemLifetime = (2 * 60 + 5) * 60 * 1000;

/** The number of times that opposite requests may interfere before a request is given up. */
const maxRounds = 10;

/**
 * A membership: the item by which pushes find the connection in one channel. The partition key is
 * `channel`, the sort key `connectionId`.
 */
interface Membership extends Connection {
  channel: string;
  /** The TTL attribute, after which DynamoDB may delete the item: seconds since the epoch. */
  expiresAt: number;
}

/** The parts used of a connection's own item. */
const ConnectionItem = z.object({
  /** The channels of all memberships of the connection. */
  channels: z._default(z.set(z.string()), new Set()),
  /** True while the connection is being removed: it no longer listens to any channel. */
  ended: z._default(z.boolean(), false),
});
type ConnectionItem = z.infer<typeof ConnectionItem>;

const Connections = z.array(Connection);

/** Registers a new connection in its first channels. If it throws, no write is still in flight. */
export async function addConnection(
  connection: Connection,
  channels: string[],
  abortSignal: AbortSignal,
): Promise<void> {
  const { connectionId } = connection;
  const Item = marshall({
    ...connectionKey(connectionId),
    ...lasting(connection),
    channels: new Set(channels),
  });
  await table.send(new PutItemCommand({ TableName: tableName(), Item }), { abortSignal });
  await allEnded(channels.map((channel) => putMembership(connection, channel, abortSignal)));
}

/**
 * Adds channels to those that a connection listens to, unless all of them are. Changes nothing if
 * the connection is `full`, without room below `maxSubscriptions` for these, or no longer
 * registered.
 */
export async function joinChannels(
  connection: Connection,
  channels: string[],
): Promise<'joined' | 'full' | 'not registered'> {
  const { connectionId } = connection;
  const joined = await updateItem(connectionId, {
    UpdateExpression: 'ADD channels :channels',
    // DynamoDB stores no empty set.
    ConditionExpression:
      'attribute_exists(connectionId) AND attribute_not_exists(ended) AND ' +
      '(attribute_not_exists(channels) OR size(channels) <= :most' +
      ` OR (${channels.map((_, index) => `contains(channels, :channel${index})`).join(' AND ')}))`,
    ExpressionAttributeValues: marshall({
      ':channels': new Set(channels),
      ...Object.fromEntries(channels.map((channel, index) => [`:channel${index}`, channel])),
      ':most': maxSubscriptions - channels.length,
    }),
  });
  if (!joined) return (await readItem(connectionId)).ended ? 'not registered' : 'full';
  await allEnded(channels.map((channel) => reconcile(connection, channel, true)));
  return 'joined';
}

/** Removes channels from those that a connection listens to. */
export async function leaveChannels(connection: Connection, channels: string[]): Promise<void> {
  const { connectionId } = connection;
  // Deleted before their names are removed, so that a later failure leaves no membership without a
  // name. `reconcile` deletes them again, in case one was put meanwhile.
  await allEnded(channels.map((channel) => deleteMembership(connectionId, channel)));
  await updateItem(connectionId, {
    UpdateExpression: 'DELETE channels :channels',
    // An update would otherwise create the item.
    ConditionExpression: 'attribute_exists(connectionId)',
    ExpressionAttributeValues: marshall({ ':channels': new Set(channels) }),
  });
  await allEnded(channels.map((channel) => reconcile(connection, channel, false)));
}

/**
 * Waits until all writes have ended before it throws the error of one: Lambda would freeze the
 * others, and let them go on at any later time.
 */
async function allEnded(writes: Promise<void>[]): Promise<void> {
  await Promise.allSettled(writes);
  await Promise.all(writes);
}

/**
 * Puts or deletes a membership until the connection's item, read after the write, agrees with it.
 * @param named whether the item named the channel last
 */
async function reconcile(connection: Connection, channel: string, named: boolean): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    if (named) await putMembership(connection, channel);
    else await deleteMembership(connection.connectionId, channel);
    const { channels, ended } = await readItem(connection.connectionId);
    const isNamed = channels.has(channel) && !ended;
    if (isNamed === named) return;
    named = isNamed;
  }
  throw new Error(`The subscription to ${channel} was changed ${maxRounds} times by other requests.`);
}

/** Updates a connection's item. Returns the new item, or nothing if the condition does not hold. */
async function updateItem(
  connectionId: string,
  update: Omit<UpdateItemCommandInput, 'TableName' | 'Key' | 'ReturnValues'>,
): Promise<ConnectionItem | undefined> {
  const Key = marshall(connectionKey(connectionId));
  const write = await conditionally(
    table.send(new UpdateItemCommand({ TableName: tableName(), Key, ReturnValues: 'ALL_NEW', ...update })),
  );
  if (!write.done) return undefined;
  return parse(ConnectionItem, unmarshall(write.output.Attributes ?? {}), 'The connection');
}

/** Reads a connection's item consistently. Returns an item that has ended if there is none. */
async function readItem(connectionId: string): Promise<ConnectionItem> {
  const { Item } = await table.send(
    new GetItemCommand({
      TableName: tableName(),
      Key: marshall(connectionKey(connectionId)),
      ConsistentRead: true,
    }),
  );
  return parse(ConnectionItem, Item ? unmarshall(Item) : { ended: true }, 'The connection');
}

/**
 * Returns whether a connection is registered and not being removed. An update that changes nothing
 * reads it: the functions that send need no other permission on the table.
 */
export async function isRegistered(connectionId: string): Promise<boolean> {
  const Key = marshall(connectionKey(connectionId));
  const ConditionExpression = 'attribute_exists(connectionId) AND attribute_not_exists(ended)';
  return (
    await conditionally(
      table.send(new UpdateItemCommand({ TableName: tableName(), Key, ConditionExpression })),
    )
  ).done;
}

/**
 * Removes a connection and all its memberships.
 * @param found channels in which the connection may have memberships although it has no item
 */
export async function removeConnection(connectionId: string, found: string[] = []): Promise<void> {
  const item = await updateItem(connectionId, {
    UpdateExpression: 'SET ended = :true',
    ConditionExpression: 'attribute_exists(connectionId)',
    ExpressionAttributeValues: marshall({ ':true': true }),
  });
  await pMap(item?.channels ?? found, (channel) => deleteMembership(connectionId, channel), {
    concurrency: 10,
  });
  if (item)
    await table.send(
      new DeleteItemCommand({ TableName: tableName(), Key: marshall(connectionKey(connectionId)) }),
    );
}

/** Reads the connections of a channel consistently, page by page. */
export async function* connectionsIn(channel: string): AsyncGenerator<Connection[]> {
  const pages = paginateQuery(
    { client: table },
    {
      TableName: tableName(),
      KeyConditionExpression: 'channel = :channel',
      ExpressionAttributeValues: marshall({ ':channel': channel }),
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    const items = Items.map((item) => unmarshall(item));
    yield parse(Connections, items, 'The channel');
  }
}

async function putMembership(
  connection: Connection,
  channel: string,
  abortSignal?: AbortSignal,
): Promise<void> {
  const membership: Membership = { channel, ...lasting(connection) };
  await table.send(
    new PutItemCommand({ TableName: tableName(), Item: marshall(membership) }),
    abortSignal && { abortSignal },
  );
}

async function deleteMembership(connectionId: string, channel: string): Promise<void> {
  await table.send(
    new DeleteItemCommand({ TableName: tableName(), Key: marshall({ channel, connectionId }) }),
  );
}

/** Returns the attributes that all items of a connection have. */
function lasting({ connectionId, connectedAt }: Connection): Omit<Membership, 'channel'> {
  return {
    connectionId,
    connectedAt,
    expiresAt: Math.floor((Date.parse(connectedAt) + itemLifetime) / 1000),
  };
}

function tableName(): string {
  return environment(CONNECTIONS_TABLE);
}
