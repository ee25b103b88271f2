import { type AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import type { Recorder } from '../answers.ts';
import type { System } from '../system.ts';
import { queryItems, scanItems } from './dynamodb-queries.ts';
import { type Clients, noTable, post, putting, updating } from './dynamodb-writes.ts';

/** Makes the calls of the handlers to DynamoDB, related calls, and calls that it refuses. */
export async function callDynamoDb({ settings }: System, record: Recorder): Promise<void> {
  const client = new DynamoDB(settings);
  const clients = { client, table: DynamoDBDocument.from(client), record };
  await putItems(clients);
  await getItems(clients);
  await updateItems(clients);
  await deleteAndBatch(clients);
  await queryItems(clients);
  await scanItems(clients);
}

async function putItems(clients: Clients): Promise<void> {
  const { client, table, record } = clients;
  const put = putting(clients);
  await put('a post', { Item: post });
  await put('over another', { Item: { ...post, title: 'Other' }, ReturnValues: 'ALL_OLD' });
  await put('condition that fails', { Item: post, ConditionExpression: 'attribute_not_exists(id)' });
  await put('condition that fails, with the item', {
    Item: post,
    ConditionExpression: 'attribute_not_exists(#id)',
    ExpressionAttributeNames: { '#id': 'id' },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await put('condition that holds', {
    Item: post,
    ConditionExpression: 'revision = :one AND begins_with(title, :o) AND size(title) BETWEEN :one AND :ten',
    ExpressionAttributeValues: { ':one': 1, ':ten': 10, ':o': 'O' },
  });
  await put('all types', {
    Item: {
      id: 'types',
      binary: new Uint8Array([1, 2, 255]),
      list: [1, 'two', null, [true]],
      map: { nested: { deep: 'x' } },
      numbers: new Set([3, 1, 2]),
      strings: new Set(['b', 'a']),
      number: -1.5e-10,
      text: 'Zoë 🦊',
      empty: '',
    },
  });
  await put('no key', { Item: { title: 'x' } });
  await put('key of a wrong type', { Item: { id: 1 } });
  await put('empty key', { Item: { id: '' } });
  await put('too large', { Item: { id: '1', body: 'x'.repeat(410_000) } });
  await put('too large in UTF-8', { Item: { id: 'large', body: 'ë'.repeat(205_000) } });
  await put('condition that does not parse', { Item: post, ConditionExpression: 'revision ==' });
  await put('value not defined', { Item: post, ConditionExpression: 'revision = :one' });
  await put('value not used', { Item: post, ExpressionAttributeValues: { ':one': 1 } });
  await put('name not used', {
    Item: post,
    ConditionExpression: 'attribute_exists(id)',
    ExpressionAttributeNames: { '#unused': 'x' },
  });
  await put('reserved word', { Item: post, ConditionExpression: 'attribute_exists(name)' });
  await put('unsupported ReturnValues', { Item: post, ReturnValues: 'ALL_NEW' });
  await record.call('PutItem: no such table', table.put({ ...noTable, Item: post }));
  await record.call('PutItem: table name too short', table.put({ TableName: 'x', Item: post }));
  const values: [string, AttributeValue][] = [
    ['invalid number', { N: 'one' }],
    ['number of 39 digits', { N: '1'.repeat(39) }],
    ['number too large', { N: '1e126' }],
    ['number written otherwise', { N: '0012.50' }],
    ['empty set', { SS: [] }],
    ['set with a member twice', { SS: ['a', 'a'] }],
  ];
  for (const [name, value] of values) {
    const Item = { id: { S: 'value' }, value };
    await record.call(`PutItem: ${name}`, client.putItem({ TableName: 'Posts', Item }));
  }
}

async function getItems({ table, record }: Clients): Promise<void> {
  const get = (name: string, Key: Record<string, unknown>, options: object = {}) =>
    record.call(`GetItem: ${name}`, table.get({ TableName: 'Posts', Key, ...options }));
  await get('a post', { id: '1' });
  await get('consistently', { id: '1' }, { ConsistentRead: true, ReturnConsumedCapacity: 'TOTAL' });
  await get('all types', { id: 'types' });
  await get('number written otherwise', { id: 'value' });
  await get(
    'projection',
    { id: 'types' },
    {
      ProjectionExpression: '#list[1], #map.nested, missing',
      ExpressionAttributeNames: { '#list': 'list', '#map': 'map' },
    },
  );
  await get('paths that overlap', { id: 'types' }, { ProjectionExpression: 'number1.x, number1' });
  await get('not there', { id: '2' });
  await get('more than the key', { id: '1', title: 'x' });
  await record.call('GetItem: no such table', table.get({ ...noTable, Key: { id: '1' } }));
}

async function updateItems(clients: Clients): Promise<void> {
  const update = updating(clients);
  const enrichment = {
    UpdateExpression: 'SET #attribute = :value, revision = :enriched, updatedAt = :now',
    ConditionExpression: 'revision = :created',
    ExpressionAttributeNames: { '#attribute': 'entities' },
    ExpressionAttributeValues: {
      ':value': { locations: ['Spain'], persons: [] },
      ':created': 1,
      ':enriched': 2,
      ':now': '2026-01-31T09:30:00.000Z',
    },
  };
  await update('enrichment', '1', { ...enrichment, ReturnValues: 'ALL_NEW' });
  await update('enrichment again', '1', enrichment);
  await update('enrichment of nothing', 'nothing', enrichment);
  await update('condition that fails, with the item', '1', {
    ...enrichment,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await update('counter', '1', {
    UpdateExpression: 'ADD revision :one REMOVE updatedAt',
    ExpressionAttributeValues: { ':one': 1 },
    ReturnValues: 'UPDATED_OLD',
  });
  await update('counter of nothing makes the item', '2', {
    UpdateExpression: 'ADD revision :one SET title = if_not_exists(title, :title)',
    ExpressionAttributeValues: { ':one': 1, ':title': 'New' },
    ReturnValues: 'UPDATED_NEW',
  });
  await update('list and map', 'types', {
    UpdateExpression:
      'SET #list = list_append(:more, #list), #map.nested.deep = :deep REMOVE numbers, #binary DELETE strings :a',
    ExpressionAttributeNames: { '#list': 'list', '#map': 'map', '#binary': 'binary' },
    ExpressionAttributeValues: { ':more': ['end'], ':deep': 'y', ':a': new Set(['a']) },
    ReturnValues: 'ALL_NEW',
  });
  await update('elements of a list', 'types', {
    UpdateExpression: 'SET #list[9] = :x REMOVE #list[0], #list[1]',
    ExpressionAttributeNames: { '#list': 'list' },
    ExpressionAttributeValues: { ':x': 'last' },
    ReturnValues: 'ALL_NEW',
  });
  await update('sums', '1', {
    UpdateExpression: 'SET revision = revision - :one, views = if_not_exists(views, :one) + :one',
    ExpressionAttributeValues: { ':one': 1 },
    ReturnValues: 'UPDATED_NEW',
  });
  await update('path that is not there', '1', {
    UpdateExpression: 'SET missing.deep = :x',
    ExpressionAttributeValues: { ':x': 1 },
  });
  await update('attribute that is not there', '1', {
    UpdateExpression: 'SET revision = missing + :x',
    ExpressionAttributeValues: { ':x': 1 },
  });
  await update('sum with a string', '1', {
    UpdateExpression: 'SET revision = revision + :x',
    ExpressionAttributeValues: { ':x': 'x' },
  });
  await update('ADD to a string', '1', {
    UpdateExpression: 'ADD title :x',
    ExpressionAttributeValues: { ':x': 1 },
  });
  await update('key', '1', { UpdateExpression: 'SET id = :x', ExpressionAttributeValues: { ':x': '2' } });
  await update('paths that overlap', '1', {
    UpdateExpression: 'SET a = :x, a.b = :x',
    ExpressionAttributeValues: { ':x': 1 },
  });
  await update('clause twice', '1', {
    UpdateExpression: 'SET a = :x SET b = :x',
    ExpressionAttributeValues: { ':x': 1 },
  });
  await update('empty expression', '1', { UpdateExpression: '' });
  await update('function that is not there', '1', {
    UpdateExpression: 'SET a = now(:x)',
    ExpressionAttributeValues: { ':x': 1 },
  });
}

async function deleteAndBatch({ table, record }: Clients): Promise<void> {
  const remove = (name: string, id: string, options: object = {}) =>
    record.call(`DeleteItem: ${name}`, table.delete({ TableName: 'Posts', Key: { id }, ...options }));
  await remove('a post', '2', { ReturnValues: 'ALL_OLD' });
  await remove('that is not there', '2', { ReturnValues: 'ALL_OLD' });
  await remove('condition that fails', '2', { ConditionExpression: 'attribute_exists(id)' });
  await record.call(
    'DeleteItem: part of the key',
    table.delete({ TableName: 'Connections', Key: { channel: 'all' } }),
  );

  const connections = ['a', 'b', 'c', 'd', 'e'].map((connectionId) => ({
    channel: 'all',
    connectionId,
    expiresAt: 1,
  }));
  const puts = [...connections, { channel: 'topic#summer', connectionId: 'a', expiresAt: 2 }];
  await record.call(
    'BatchWriteItem: puts',
    table.batchWrite({ RequestItems: { Connections: puts.map((Item) => ({ PutRequest: { Item } })) } }),
  );
  const [first] = puts;
  const twice = [first, first].map((Item) => ({ PutRequest: { Item } }));
  await record.call(
    'BatchWriteItem: an item twice',
    table.batchWrite({ RequestItems: { Connections: twice } }),
  );
  const many = Array.from({ length: 26 }, (_, id) => ({ PutRequest: { Item: { id: `${id}` } } }));
  await record.call('BatchWriteItem: 26 items', table.batchWrite({ RequestItems: { Posts: many } }));
  await record.call('BatchWriteItem: nothing', table.batchWrite({ RequestItems: {} }));
  await record.call(
    'BatchWriteItem: no such table',
    table.batchWrite({ RequestItems: { Nothing: many.slice(0, 1) } }),
  );
  const Keys = [{ channel: 'all', connectionId: 'b' }];
  await record.call(
    'BatchGetItem: one of one table, one of the other',
    table.batchGet({
      RequestItems: { Connections: { Keys }, Posts: { Keys: [{ id: '1' }, { id: 'nothing' }] } },
    }),
  );
  await record.call(
    'BatchGetItem: a key twice',
    table.batchGet({ RequestItems: { Connections: { Keys: [...Keys, ...Keys] } } }),
  );
  await record.call(
    'BatchGetItem: 101 keys',
    table.batchGet({
      RequestItems: { Posts: { Keys: Array.from({ length: 101 }, (_, id) => ({ id: `${id}` })) } },
    }),
  );
}
