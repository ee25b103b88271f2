import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
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
import { Environment, environment } from './environment.ts';
import { Connection, connectionKey, type Membership, maxSubscriptions } from './model/connection.ts';
import { table } from './table-client.ts';

/*
 * A connection's item is written before its memberships and removed after them, so that whatever fails between two
 * writes, it names every membership that there is.
 */

/** API Gateway closes a WebSocket after 2 hours ("Amazon API Gateway quotas"); milliseconds, with 5 minutes to spare. */
const itemLifetime = (2 * 60 + 5) * 60 * 1000;

const ConnectionItem = z.object({ channels: z.optional(z.set(z.string())) });

/** Registers a new connection in its first channels. */
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
  await Promise.all(channels.map((channel) => putMembership(connection, channel, abortSignal)));
}

/**
 * Has a connection listen to one more channel; one that it listens to already stays. Gives `false`, and changes nothing,
 * when the connection listens to as many as it may, or is not registered any more.
 */
export async function joinChannel(connection: Connection, channel: string): Promise<boolean> {
  const named = await updateNames(connection.connectionId, {
    UpdateExpression: 'ADD channels :channels',
    // A set without members does not exist.
    ConditionExpression:
      'attribute_exists(connectionId) AND ' +
      '(attribute_not_exists(channels) OR size(channels) < :most OR contains(channels, :channel))',
    ExpressionAttributeValues: {
      ':channels': new Set([channel]),
      ':channel': channel,
      ':most': maxSubscriptions,
    },
  });
  if (named) await putMembership(connection, channel);
  return named;
}

/** Has a connection no longer listen to a channel, if it does. */
export async function leaveChannel(connectionId: string, channel: string): Promise<void> {
  await table.send(new DeleteCommand({ TableName: tableName(), Key: { channel, connectionId } }));
  await updateNames(connectionId, {
    UpdateExpression: 'DELETE channels :channels',
    // Else it would make an item where there is none.
    ConditionExpression: 'attribute_exists(connectionId)',
    ExpressionAttributeValues: { ':channels': new Set([channel]) },
  });
}

/** Changes the set of channels in a connection's item. Gives `false` if the condition does not hold. */
async function updateNames(
  connectionId: string,
  update: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
): Promise<boolean> {
  const Key = connectionKey(connectionId);
  try {
    await table.send(new UpdateCommand({ TableName: tableName(), Key, ...update }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * Removes a connection and all its memberships.
 * @param found channels in which it was found: it may have been removed when its membership there was written
 */
export async function removeConnection(connectionId: string, found: string[] = []): Promise<void> {
  const TableName = tableName();
  const Key = connectionKey(connectionId);
  const { Item = {} } = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  const { channels = [] } = ConnectionItem.parse(Item);
  await pMap(
    new Set([...channels, ...found]),
    (channel) => table.send(new DeleteCommand({ TableName, Key: { channel, connectionId } })),
    { concurrency: 10 },
  );
  await table.send(new DeleteCommand({ TableName, Key }));
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
