import {
  type BatchWriteItemCommandInput,
  type DeleteItemCommandInput,
  DynamoDB,
  type PutItemCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDb } from '../../local/dynamodb/dynamodb.ts';
import type { Recorder } from '../answers.ts';
import type { System } from '../system.ts';

const TableName = 'Posts';

interface Writes {
  putItem(input: PutItemCommandInput): Promise<unknown>;
  updateItem(input: UpdateItemCommandInput): Promise<unknown>;
  deleteItem(input: DeleteItemCommandInput): Promise<unknown>;
  batchWriteItem(input: BatchWriteItemCommandInput): Promise<unknown>;
}

/** A table with its stream. `read` gives the records since it was last called. */
interface StreamedTable {
  writes: Writes;
  read(): Promise<unknown[]>;
}

/**
 * What each write puts on the stream of the Posts table. The local cloud serves no streams by HTTP: its function
 * mappings read the same records in the process, and so does this.
 */
export async function callStreams(system: System, record: Recorder): Promise<void> {
  const { writes, read } = system.local
    ? localTable(system.local.dynamoDb)
    : await referenceTable(system.settings);
  const post = { id: { S: 'streamed' }, revision: { N: '1' }, tags: { SS: ['a', 'b'] } };
  const Key = { id: post.id };
  const step = async (name: string, write: (writes: Writes) => Promise<unknown>) => {
    const refusal = await write(writes).then(
      () => undefined,
      (error: Error) => error.name,
    );
    record.keep(name, { refusal, records: await read() });
  };

  await step('insert', (table) => table.putItem({ TableName, Item: post }));
  await step('same again', (table) => table.putItem({ TableName, Item: post }));
  await step('same again, members of the set in another order', (table) =>
    table.putItem({ TableName, Item: { ...post, tags: { SS: ['b', 'a'] } } }),
  );
  await step('put over it', (table) => table.putItem({ TableName, Item: { ...post, title: { S: 'Zoë' } } }));
  await step('update', (table) =>
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :two REMOVE tags',
      ExpressionAttributeValues: { ':two': { N: '2' } },
    }),
  );
  await step('update that changes nothing', (table) =>
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :two',
      ExpressionAttributeValues: { ':two': { N: '2.0' } },
    }),
  );
  await step('update that its condition refuses', (table) =>
    table.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET revision = :one',
      ConditionExpression: 'revision = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
  await step('update that makes the item', (table) =>
    table.updateItem({
      TableName,
      Key: { id: { S: 'made' } },
      UpdateExpression: 'SET entities = :entities',
      ExpressionAttributeValues: {
        ':entities': { M: { locations: { L: [{ S: 'Spain' }] }, none: { NULL: true }, ok: { BOOL: true } } },
      },
    }),
  );
  await step('remove', (table) => table.deleteItem({ TableName, Key }));
  await step('remove what is not there', (table) => table.deleteItem({ TableName, Key }));
  await step('batch of a put and a removal of nothing', (table) =>
    table.batchWriteItem({
      RequestItems: {
        Posts: [{ PutRequest: { Item: post } }, { DeleteRequest: { Key: { id: { S: 'no' } } } }],
      },
    }),
  );
}

function localTable(dynamoDb: DynamoDb): StreamedTable {
  let last: string | undefined;
  return {
    writes: {
      putItem: (input) => dynamoDb.call('PutItem', input),
      updateItem: (input) => dynamoDb.call('UpdateItem', input),
      deleteItem: (input) => dynamoDb.call('DeleteItem', input),
      batchWriteItem: (input) => dynamoDb.call('BatchWriteItem', input),
    },
    async read() {
      const records = (dynamoDb.stream(TableName)?.read(last, 100) ?? []).map(({ record }) => record);
      last = records.at(-1)?.dynamodb.SequenceNumber ?? last;
      // Lambda's event has what the API has, and of which stream; its time is a number, in the SDK's answer a date.
      return records.map(({ eventSourceARN: _, dynamodb, ...record }) => {
        const ApproximateCreationDateTime = new Date(dynamodb.ApproximateCreationDateTime * 1000);
        return { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime } };
      });
    },
  };
}

async function referenceTable(settings: System['settings']): Promise<StreamedTable> {
  const streams = new DynamoDBStreams(settings);
  const { Streams: [stream] = [] } = await streams.listStreams({ TableName });
  const { StreamDescription } = await streams.describeStream({ StreamArn: stream?.StreamArn });
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const start = { StreamArn: stream?.StreamArn, ShardId, ShardIteratorType: 'LATEST' } as const;
  let { ShardIterator } = await streams.getShardIterator(start);
  return {
    writes: new DynamoDB(settings),
    async read() {
      const { Records = [], NextShardIterator } = await streams.getRecords({ ShardIterator });
      ShardIterator = NextShardIterator;
      return Records;
    },
  };
}
