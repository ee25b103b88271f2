import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Clients, noTable, post, putting, updating } from './dynamodb-writes.ts';

/** Makes the calls of `Query`. */
export async function queryItems({ table, record }: Clients): Promise<void> {
  const query = (name: string, input: Omit<QueryCommandInput, 'TableName'>) =>
    record.call(
      `Query: ${name}`,
      table.query({ TableName: 'Connections', ReturnConsumedCapacity: 'INDEXES', ...input }),
    );
  const all = {
    KeyConditionExpression: 'channel = :channel',
    ExpressionAttributeValues: { ':channel': 'all' },
  };
  await query('a channel', { ...all, ConsistentRead: true });
  let page = await query('page 1', { ...all, Limit: 2 });
  page = await query('page 2', { ...all, Limit: 2, ExclusiveStartKey: page.LastEvaluatedKey });
  await query('page 3', { ...all, Limit: 2, ExclusiveStartKey: page.LastEvaluatedKey });
  await query('page as long as the rest', { ...all, Limit: 5 });
  await query('backwards', { ...all, Limit: 2, ScanIndexForward: false });
  await query('page of which a filter drops all', {
    KeyConditionExpression: 'channel = :channel',
    FilterExpression: 'expiresAt > :now',
    ExpressionAttributeValues: { ':channel': 'all', ':now': 1 },
    Limit: 2,
  });
  await query('range of the sort key', {
    KeyConditionExpression: 'channel = :channel AND connectionId BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':channel': 'all', ':from': 'b', ':to': 'd' },
    ProjectionExpression: 'connectionId',
  });
  await query('count', { ...all, Select: 'COUNT' });
  await query('nothing', { ...all, ExpressionAttributeValues: { ':channel': 'none' } });
  const byConnection = {
    IndexName: 'byConnection',
    KeyConditionExpression: 'connectionId = :connectionId',
    ExpressionAttributeValues: { ':connectionId': 'a' },
  };
  await query('index', byConnection);
  await query('index, page', { ...byConnection, Limit: 1 });
  await query('index, consistently', { ...byConnection, ConsistentRead: true });
  await query('index, all attributes', { ...byConnection, Select: 'ALL_ATTRIBUTES' });
  await query('no such index', { ...byConnection, IndexName: 'byNothing' });
  await query('no partition key', {
    KeyConditionExpression: 'connectionId = :id',
    ExpressionAttributeValues: { ':id': 'a' },
  });
  await query('partition key not by equality', { ...all, KeyConditionExpression: 'channel > :channel' });
  await query('filter on a key', { ...all, FilterExpression: 'channel = :channel' });
  await query('limit of nothing', { ...all, Limit: 0 });
  await query('invalid start key', { ...all, ExclusiveStartKey: { channel: 'all' } });
  await query('value of a wrong type', { ...all, ExpressionAttributeValues: { ':channel': 1 } });
  await query('no condition', {});
}

/** Makes the calls of `Scan`, of queries of a sparse index, and those that need the items of both. */
export async function scanItems(clients: Clients): Promise<void> {
  const { client, table, record } = clients;
  const put = putting(clients);
  const update = updating(clients);
  const scan = (name: string, input: Partial<ScanCommandInput>) =>
    record.call(
      `Scan: ${name}`,
      table.scan({ TableName: 'Posts', ReturnConsumedCapacity: 'INDEXES', ...input }),
    );
  const expiring = { FilterExpression: 'expiresAt = :two', ExpressionAttributeValues: { ':two': 2 } };
  await scan('filter', { TableName: 'Connections', ...expiring });

  const marked = (id: string, outboxSince: unknown) => ({
    Item: { ...post, id, outboxShard: '3', outboxSince, outboxUrl: 'https://example.com/posts/1' },
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    // The capacity of a write to an index is not compared.
    ReturnConsumedCapacity: 'NONE' as const,
  });
  await put('with the keys of a sparse index', marked('old', '2026-01-31T09:30:00.000Z#a'));
  await put('with the keys of a sparse index, again', marked('old', '2026-01-31T09:31:00.000Z#b'));
  await put('with the keys of a sparse index, later', marked('young', '2026-01-31T09:32:00.000Z#c'));
  await put('key of an index of a wrong type', marked('wrong', 1));
  const outbox = {
    IndexName: 'outbox',
    FilterExpression: 'outboxSince < :before',
    ExpressionAttributeValues: { ':before': '2026-01-31T09:31:30.000Z' },
  };
  await scan('sparse index', { IndexName: 'outbox' });
  await scan('sparse index, filter on its key', outbox);
  const one = await scan('sparse index, page 1', { ...outbox, Limit: 1 });
  const two = { ...outbox, Limit: 1, ExclusiveStartKey: one.LastEvaluatedKey };
  const none = await scan('sparse index, page of which a filter drops all', two);
  await scan('sparse index, page 3', { ...two, ExclusiveStartKey: none.LastEvaluatedKey });
  await scan('sparse index, consistently', { ...outbox, ConsistentRead: true });
  await scan('sparse index, count', { ...outbox, Select: 'COUNT' });
  const removingKeys = {
    UpdateExpression: 'REMOVE outboxShard, outboxSince, outboxUrl',
    ConditionExpression: 'attribute_exists(outboxShard)',
    ReturnValues: 'ALL_NEW' as const,
  };
  await update('out of a sparse index', 'old', removingKeys);
  await update('out of a sparse index, again', 'old', removingKeys);
  await update('out of a sparse index, of nothing', 'nothing', removingKeys);
  await scan('sparse index, after the removal', { IndexName: 'outbox' });

  await record.call('DescribeTable: no such table', client.describeTable(noTable));
  await record.call('ListTables', client.listTables({}));
}
