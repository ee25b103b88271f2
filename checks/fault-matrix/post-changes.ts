import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';
import type { VirtualCloud } from '../../testing/virtual-cloud.ts';

/** Deletes the item of a post, as an operator can in the console. Nothing follows from it. */
export async function deletePost(cloud: VirtualCloud, id: string): Promise<void> {
  await cloud.dynamoDb('DeleteItem', { TableName: cloud.outputs.PostsTableName, Key: { id: { S: id } } });
}

/** Removes a post by the command of operators. */
export async function removeAsOperator({ outputs }: VirtualCloud, id: string): Promise<void> {
  const outcome = await removePost(localStackOf(outputs), id);
  if (typeof outcome === 'string') throw new Error(`The post ${id} was ${outcome}.`);
}

/** Corrects the entities of a post, which is one more change for clients. */
export async function correctPost(cloud: VirtualCloud, id: string): Promise<void> {
  await cloud.dynamoDb('UpdateItem', {
    TableName: cloud.outputs.PostsTableName,
    Key: { id: { S: id } },
    UpdateExpression: 'SET entities = :entities, revision = revision + :one, updatedAt = :now',
    ExpressionAttributeValues: {
      ':entities': { M: { locations: { L: [] }, persons: { L: [{ S: 'Joe' }] } } },
      ':one': { N: '1' },
      ':now': { S: new Date(cloud.clock.now()).toISOString() },
    },
  });
}
