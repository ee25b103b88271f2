import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import type { Recorder } from '../answers.ts';
import type { System } from '../system.ts';

const TableName = 'Posts';

/** Records what each write puts on the stream of the Posts table. */
export async function callStreams({ settings }: System, record: Recorder): Promise<void> {
  const table = new DynamoDB(settings);
  const read = await streamReader(settings);
  const post = { id: { S: 'streamed' }, revision: { N: '1' }, tags: { SS: ['a', 'b'] } };
  const Key = { id: post.id };
  const step = async (name: string, writing: Promise<unknown>) => {
    const refusal = await writing.then(
      () => undefined,
      (error: Error) => error.name,
    );
    record.keep(name, { refusal, records: await read() });
  };

  await step('insert', table.putItem({ TableName, Item: post }));
  await step('same again', table.putItem({ TableName, Item: post }));
  await step(
    'same again, members of the set in another order',
    table.putItem({ TableName, Item: { ...post, tags: { SS: ['b', 'a'] } } }),
  );
  await step('put over it', table.putItem({ TableName, Item: { ...post, title: { S: 'Zoë' } } }));
  await step(
    'update',
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :two REMOVE tags',
      ExpressionAttributeValues: { ':two': { N: '2' } },
    }),
  );
  await step(
    'update that changes nothing',
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :two',
      ExpressionAttributeValues: { ':two': { N: '2.0' } },
    }),
  );
  await step(
    'update that its condition refuses',
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :one',
      ConditionExpression: 'revision = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
  await step(
    'update that makes the item',
    table.updateItem({
      TableName,
      Key: { id: { S: 'made' } },
      UpdateExpression: 'SET entities = :entities',
      ExpressionAttributeValues: {
        ':entities': { M: { locations: { L: [{ S: 'Spain' }] }, none: { NULL: true }, ok: { BOOL: true } } },
      },
    }),
  );
  await step('remove', table.deleteItem({ TableName, Key }));
  await step('remove what is not there', table.deleteItem({ TableName, Key }));
  await step(
    'batch of a put and a removal of nothing',
    table.batchWriteItem({
      RequestItems: {
        Posts: [{ PutRequest: { Item: post } }, { DeleteRequest: { Key: { id: { S: 'no' } } } }],
      },
    }),
  );
}

/** Returns a function that reads the records since its last call. */
async function streamReader(settings: System['settings']): Promise<() => Promise<unknown[]>> {
  const streams = new DynamoDBStreams(settings);
  const { Streams: [stream] = [] } = await streams.listStreams({ TableName });
  const { StreamDescription } = await streams.describeStream({ StreamArn: stream?.StreamArn });
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const start = { StreamArn: stream?.StreamArn, ShardId, ShardIteratorType: 'LATEST' } as const;
  let { ShardIterator } = await streams.getShardIterator(start);
  return async () => {
    const { Records = [], NextShardIterator } = await streams.getRecords({ ShardIterator });
    ShardIterator = NextShardIterator;
    return Records;
  };
}
