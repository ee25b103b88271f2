import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Connection, connectionKey, maxSubscriptions } from '../../model/connection.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { Environment, environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';

/*
 * What the connection's item names is what counts; the memberships follow it.
 *
 * - A membership is put after it is named and deleted before its name is, so that whatever fails between two writes,
 *   the item names every membership that there is.
 * - The requests of a connection run at the same time. So who has changed a name brings the membership in line with it
 *   and then reads the name again (`reconcile`): whoever writes last has seen the last change.
 * - A removal takes all names back at once, by the mark `ended`; they stay readable until what they name is deleted.
 */

/** API Gateway closes a WebSocket after 2 hours ("Amazon API Gateway quotas"); milliseconds, with 5 minutes to spare. */
const itemLifetime = (2 * 60 + 5) * 60 * 1000;

/** How often an opposite request may come between two calls before a request is given up. */
const maxRounds = 10;

/**
 * An item by which pushes find a connection: the connection in one channel. The partition key is
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
  /** Whether the connection is being removed: it listens to nothing any more. */
  ended: z._default(z.boolean(), false),
});
type ConnectionItem = z.infer<typeof ConnectionItem>;

/** Registers a new connection in its first channels. When it throws, nothing of it is under way any more. */
export async function addConnection(
  connection: Connection,
  channels: string[],
  abortSignal: AbortSignal,
): Promise<void> {
  const { connectionId } = connection;
  const Item = {
    ...connectionKey(connectionId),
    ...lasting(connection),
    channels: new Set(channels),
  };
  await table.send(new PutCommand({ TableName: tableName(), Item }), { abortSignal });
  const puts = channels.map((channel) => putMembership(connection, channel, abortSignal));
  await Promise.allSettled(puts);
  await Promise.all(puts);
}

/**
 * Has a connection listen to one more channel; one that it listens to already stays. Changes nothing when the connection
 * is `full`, which is that it listens to as many as it may, or `not registered` any more.
 */
export async function joinChannel(
  connection: Connection,
  channel: string,
): Promise<'joined' | 'full' | 'not registered'> {
  const { connectionId } = connection;
  const joined = await updateItem(connectionId, {
    UpdateExpression: 'ADD channels :channels',
    // A set without members does not exist.
    ConditionExpression:
      'attribute_exists(connectionId) AND attribute_not_exists(ended) AND ' +
      '(attribute_not_exists(channels) OR size(channels) < :most OR contains(channels, :channel))',
    ExpressionAttributeValues: {
      ':channels': new Set([channel]),
      ':channel': channel,
      ':most': maxSubscriptions,
    },
  });
  if (!joined) return (await readItem(connectionId)).ended ? 'not registered' : 'full';
  await reconcile(connection, channel, true);
  return 'joined';
}

/** Has a connection no longer listen to a channel, if it does. */
export async function leaveChannel(connection: Connection, channel: string): Promise<void> {
  const { connectionId } = connection;
  // Once more in `reconcile`, for what is put meanwhile; here, so that none loses its name if nothing comes after that.
  await deleteMembership(connectionId, channel);
  await updateItem(connectionId, {
    UpdateExpression: 'DELETE channels :channels',
    // Else it would make an item where there is none.
    ConditionExpression: 'attribute_exists(connectionId)',
    ExpressionAttributeValues: { ':channels': new Set([channel]) },
  });
  await reconcile(connection, channel, false);
}

/**
 * Puts or deletes a membership as the connection's item names it or not, until that is so after the write.
 * @param named whether it was named last
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
  throw new Error(`The subscription to ${channel} was changed ${maxRounds} times meanwhile.`);
}

/** Changes a connection's item, and gives it as it is then; nothing if the condition does not hold. */
async function updateItem(
  connectionId: string,
  update: Omit<UpdateCommandInput, 'TableName' | 'Key' | 'ReturnValues'>,
): Promise<ConnectionItem | undefined> {
  const Key = connectionKey(connectionId);
  const write = await conditionally(
    table.send(new UpdateCommand({ TableName: tableName(), Key, ReturnValues: 'ALL_NEW', ...update })),
  );
  return write.done ? ConnectionItem.parse(write.output.Attributes) : undefined;
}

/** A connection's item, read consistently. One that is not there has ended. */
async function readItem(connectionId: string): Promise<ConnectionItem> {
  const { Item } = await table.send(
    new GetCommand({ TableName: tableName(), Key: connectionKey(connectionId), ConsistentRead: true }),
  );
  return ConnectionItem.parse(Item ?? { ended: true });
}

/**
 * Removes a connection and all its memberships.
 * @param found channels that it may be in all the same if it has no item any more
 */
export async function removeConnection(connectionId: string, found: string[] = []): Promise<void> {
  const item = await updateItem(connectionId, {
    UpdateExpression: 'SET ended = :true',
    ConditionExpression: 'attribute_exists(connectionId)',
    ExpressionAttributeValues: { ':true': true },
  });
  await pMap(item?.channels ?? found, (channel) => deleteMembership(connectionId, channel), {
    concurrency: 10,
  });
  if (item) await table.send(new DeleteCommand({ TableName: tableName(), Key: connectionKey(connectionId) }));
}

/** The connections of a channel, page by page, each read consistently. */
export async function* connectionsIn(channel: string): AsyncGenerator<Connection[]> {
  const pages = paginateQuery(
    { client: table },
    {
      TableName: tableName(),
      KeyConditionExpression: 'channel = :channel',
      ExpressionAttributeValues: { ':channel': channel },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) yield z.array(Connection).parse(Items);
}

async function putMembership(
  connection: Connection,
  channel: string,
  abortSignal?: AbortSignal,
): Promise<void> {
  const Item: Membership = { channel, ...lasting(connection) };
  await table.send(new PutCommand({ TableName: tableName(), Item }), { abortSignal });
}

async function deleteMembership(connectionId: string, channel: string): Promise<void> {
  await table.send(new DeleteCommand({ TableName: tableName(), Key: { channel, connectionId } }));
}

/** What each item has of the connection, and how long it is of use. */
function lasting({ connectionId, connectedAt }: Connection): Omit<Membership, 'channel'> {
  return {
    connectionId,
    connectedAt,
    expiresAt: Math.floor((Date.parse(connectedAt) + itemLifetime) / 1000),
  };
}

function tableName(): string {
  return environment(Environment.connectionsTable);
}
