import { connectionIdOf } from '../../testing/connection-id.ts';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';
import { putEvent } from './put-event.ts';

const HOUR = 60 * 60_000;

/** Puts the item of a connection that no longer exists. The first message to it detects that. */
export async function putGoneConnection(cloud: VirtualCloud, channel = 'all', name = 'gone'): Promise<void> {
  await cloud.dynamoDb('PutItem', {
    TableName: cloud.outputs.ConnectionsTableName,
    Item: goneConnection(channel, name),
  });
}

/** Returns an item of a connection that no longer exists. */
export function goneConnection(channel: string, name: string) {
  return {
    channel: { S: channel },
    connectionId: { S: connectionIdOf(name) },
    connectedAt: { S: new Date(Date.now() - HOUR).toISOString() },
    expiresAt: { N: String(Math.floor(Date.now() / 1000) + 12 * 3600) },
  };
}

/** Puts the event of a connection that no longer exists. */
export async function putConnectionOpened(cloud: VirtualCloud, postId: string, name = 'gone'): Promise<void> {
  await putEvent(cloud, 'ConnectionOpened', { version: 1, connectionId: connectionIdOf(name), postId });
}

/** Puts a part of a push, to a connection that no longer exists. */
export async function putConnectionsToPush(
  cloud: VirtualCloud,
  postId: string,
  name = 'gone',
): Promise<void> {
  const connections = [
    { connectionId: connectionIdOf(name), connectedAt: new Date(Date.now() - HOUR).toISOString() },
  ];
  await putEvent(cloud, 'ConnectionsToPush', { version: 1, postId, connections });
}
