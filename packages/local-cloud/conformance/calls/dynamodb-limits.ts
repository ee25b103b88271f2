import type { AttributeValue, DynamoDB, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Recorder } from '../answers.ts';

/** Makes calls at and above the limits of expressions, numbers and keys. */
export async function callAtLimits(client: DynamoDB, TableName: string, record: Recorder): Promise<void> {
  await filterAtLimits(client, TableName, record);
  await computeAtLimits(client, TableName, record);
  await putKeysAtLimits(client, TableName, record);
}

async function filterAtLimits(client: DynamoDB, TableName: string, record: Recorder): Promise<void> {
  const filter = (name: string, FilterExpression: string, values: Record<string, AttributeValue> = {}) =>
    record.call(
      `limits: ${name}`,
      client.scan({
        TableName,
        FilterExpression,
        Select: 'COUNT',
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      }),
    );
  const one = { ':1': { N: '1' } };
  const repeated = (count: number, text: string, separator: string) =>
    Array.from({ length: count }, () => text).join(separator);
  for (const count of [100, 101]) {
    const numbers = Array.from({ length: count }, (_, n) => `:${n}`);
    const values = Object.fromEntries(numbers.map((name, n) => [name, { N: `${n}` }]));
    await filter(`IN with ${count} operands`, `n IN (${numbers.join(', ')})`, values);
  }
  for (const bytes of [4096, 4097]) await filter(`${bytes} bytes`, 'n = :1'.padEnd(bytes), one);
  for (const count of [150, 151])
    await filter(`${2 * count - 1} operators`, repeated(count, 'n = :1', ' OR '), one);
  for (const count of [299, 300]) await filter(`NOT ${count} times`, `${'NOT '.repeat(count)}n = :1`, one);
  for (const count of [20, 200, 300])
    await filter(`parentheses ${count} deep`, `${'NOT ('.repeat(count)}n = :1${')'.repeat(count)}`, one);
  for (const count of [2, 20, 1000])
    await filter(
      `redundant parentheses ${count} deep`,
      `${'('.repeat(count)}n = :1${')'.repeat(count)}`,
      one,
    );
  await filter('parentheses that stay open', '('.repeat(4000));
  for (const levels of [32, 33])
    await filter(`path of ${levels} levels`, `${repeated(levels, 'a', '.')} = :1`, one);
  for (const index of ['2147483647', '2147483648', '99999999999'])
    await filter(`index ${index}`, `l[${index}] = :1`, one);
  for (const length of [254, 255]) {
    const name = `:${'v'.repeat(length)}`;
    await filter(`placeholder of ${length + 1} characters`, `n = ${name}`, { [name]: { N: '1' } });
  }
  await filter('values over 2 MB', 'n = :1', { ':1': { S: 'x'.repeat(2 * 1024 ** 2) } });
}

async function computeAtLimits(client: DynamoDB, TableName: string, record: Recorder): Promise<void> {
  const Key = { id: { S: 'number' } };
  const sums: [name: string, number: string, operator: string, other: string][] = [
    ['38 digits', '9'.repeat(38), '-', '1'],
    ['one followed by 38 zeros', '9'.repeat(38), '+', '1'],
    ['39 digits', `1${'0'.repeat(38)}`, '+', '1'],
    ['39 digits after the point', '1', '+', '1e-38'],
    ['difference of 39 digits', '9'.repeat(38), '-', '0.1'],
    ['too large', '9e125', '+', '9e125'],
    ['largest', '9e124', '+', '1e124'],
    ['too small', '1.5e-130', '-', '1e-130'],
    ['zero', '-1', '+', '1'],
    ['negative', '1', '-', '2.50'],
    ['fraction', '0.1', '+', '0.2'],
    ['fraction that ends', '0.5', '+', '0.5'],
  ];
  for (const [name, number, operator, other] of sums) {
    const input: UpdateItemCommandInput = {
      TableName,
      Key,
      UpdateExpression: `SET #sum = :number ${operator} :other`,
      ExpressionAttributeNames: { '#sum': 'sum' },
      ExpressionAttributeValues: { ':number': { N: number }, ':other': { N: other } },
      ReturnValues: 'UPDATED_NEW',
    };
    await record.call(`limits: sum: ${name}`, client.updateItem(input));
  }
  for (const number of [
    '-0',
    '1e125',
    '1e126',
    '1e-130',
    '1e-131',
    '+1',
    '.5',
    '1.',
    '01',
    ' 1',
    '0x1',
    'NaN',
    '',
  ]) {
    const item = { ...Key, n: { N: number } };
    await record.call(`limits: put the number "${number}"`, client.putItem({ TableName, Item: item }));
    await record.call(`limits: get the number "${number}"`, client.getItem({ TableName, Key }));
  }
}

async function putKeysAtLimits(client: DynamoDB, TableName: string, record: Recorder): Promise<void> {
  const items: [name: string, item: Record<string, AttributeValue>][] = [
    ['key of 2,048 bytes', { id: { S: 'x'.repeat(2048) } }],
    ['key of 2,049 bytes', { id: { S: 'x'.repeat(2049) } }],
    ['key of 2,050 bytes in UTF-8', { id: { S: 'é'.repeat(1025) } }],
    ['index key of 2,048 bytes', { id: { S: 'k' }, kind: { S: 'x'.repeat(2048) } }],
    ['index key of 2,049 bytes', { id: { S: 'k' }, kind: { S: 'x'.repeat(2049) } }],
    ['empty index key', { id: { S: 'k' }, kind: { S: '' } }],
    ['index key of a wrong type', { id: { S: 'k' }, rank: { S: '1' } }],
  ];
  for (const [name, Item] of items) {
    await record.call(`limits: ${name}`, client.putItem({ TableName, Item }));
    await client.deleteItem({ TableName, Key: { id: Item.id ?? { S: '' } } }).catch(() => {});
  }
  await record.call(
    'limits: empty index key by an update',
    client.updateItem({
      TableName,
      Key: { id: { S: 'k' } },
      UpdateExpression: 'SET kind = :empty',
      ExpressionAttributeValues: { ':empty': { S: '' } },
    }),
  );
}
