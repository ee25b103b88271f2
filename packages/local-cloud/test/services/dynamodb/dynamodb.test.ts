import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AttributeValue } from 'aws-lambda';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { realClock } from '../../../src/core/clock.ts';
import { Journal } from '../../../src/core/journal.ts';
import { DynamoDb } from '../../../src/services/dynamodb/dynamodb.ts';
import { TableResource } from '../../../src/services/dynamodb/table-resource.ts';

type Item = Record<string, AttributeValue>;

const account = { id: '123456789012', region: 'eu-west-1' };

function table(name: string, properties: object) {
  return {
    logicalId: name,
    constructPath: `Blog/${name}/Resource`,
    name,
    arn: `arn:aws:dynamodb:${account.region}:${account.id}:table/${name}`,
    properties: TableResource.properties.parse(properties),
  };
}

const idKey = { AttributeName: 'id', KeyType: 'HASH' };
const byTopic = {
  IndexName: 'byTopic',
  KeySchema: [
    { AttributeName: 'topic', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'ALL' },
};
const postsProperties = {
  KeySchema: [idKey],
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'topic', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [byTopic],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
};
const posts = table('Posts', postsProperties);
const connections = table('Connections', {
  KeySchema: [
    { AttributeName: 'filter', KeyType: 'HASH' },
    { AttributeName: 'connectedAt', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'filter', AttributeType: 'S' },
    { AttributeName: 'connectedAt', AttributeType: 'N' },
  ],
});

let folder: string;
let journal: Journal;
let dynamoDb: DynamoDb;

async function open(...resources: (typeof posts)[]) {
  journal = new Journal(join(folder, 'journal.jsonl'));
  return DynamoDb.open({ journal, resources, account, clock: realClock });
}

async function close() {
  await dynamoDb.close();
  journal.close();
}

/** Starts a process that opens the tables as `dynamoDb` and runs a script. */
function startProcess(script: string) {
  const moduleOf = (path: string) => JSON.stringify(join(__dirname, '../../../src', path));
  const opening = `
    import { realClock as clock } from ${moduleOf('core/clock.ts')};
    import { Journal } from ${moduleOf('core/journal.ts')};
    import { DynamoDb } from ${moduleOf('services/dynamodb/dynamodb.ts')};
    const { path, resources, account } = JSON.parse(process.env.OPEN);
    const dynamoDb = await DynamoDb.open({ journal: new Journal(path), resources, account, clock });`;
  const OPEN = JSON.stringify({ path: join(folder, 'journal.jsonl'), resources: [posts], account });
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', opening + script], {
    env: { ...process.env, OPEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamodb-'));
  dynamoDb = await open(posts, connections);
});

afterEach(async () => {
  await close();
  await rm(folder, { recursive: true });
});

const Page = z.object({
  Items: z.array(z.record(z.string(), z.custom<AttributeValue>())),
  Count: z.number(),
  LastEvaluatedKey: z.optional(z.record(z.string(), z.unknown())),
});

async function read(operation: 'Query' | 'Scan', input: object) {
  return Page.parse(await dynamoDb.call(operation, input));
}

function put(item: Item, more: object = {}) {
  return dynamoDb.call('PutItem', { TableName: 'Posts', Item: item, ...more });
}

function setTitle(id: string, title: string, more: object = {}) {
  return dynamoDb.call('UpdateItem', {
    TableName: 'Posts',
    Key: { id: { S: id } },
    UpdateExpression: 'SET title = :title',
    ExpressionAttributeValues: { ':title': { S: title } },
    ...more,
  });
}

function entries() {
  return dynamoDb.stream('Posts')?.read(undefined, 10_000) ?? [];
}

function records() {
  return entries().map(({ record }) => record);
}

test('queries an index backwards from a key, page by page', async () => {
  const key = fc.oneof(fc.stringMatching(/^2026-01-31T09:30:0[01]#[ab]{1,2}$/), fc.string({ minLength: 1 }));
  const some = fc.uniqueArray(key, { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(some, key, fc.integer({ min: 1, max: 5 }), async (keys, before, Limit) => {
      for (const id of keys) await put({ id: { S: id }, topic: { S: id.length % 2 ? 'summer' : 'winter' } });
      const found: unknown[] = [];
      let ExclusiveStartKey: unknown;
      do {
        const { Items, LastEvaluatedKey } = await read('Query', {
          TableName: 'Posts',
          IndexName: 'byTopic',
          KeyConditionExpression: 'topic = :topic AND id < :before',
          ExpressionAttributeValues: { ':topic': { S: 'summer' }, ':before': { S: before } },
          ScanIndexForward: false,
          Limit,
          ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
        });
        expect(Items.length).toBeLessThanOrEqual(Limit);
        found.push(...Items.map(({ id }) => id?.S));
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey);
      const bytes = (text: string) => Buffer.from(text);
      const expected = keys
        .filter((id) => id.length % 2 && Buffer.compare(bytes(id), bytes(before)) < 0)
        .sort((one, other) => Buffer.compare(bytes(other), bytes(one)));
      for (const id of keys)
        await dynamoDb.call('DeleteItem', { TableName: 'Posts', Key: { id: { S: id } } });
      expect(found).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

describe('kept data', () => {
  test('is available again, with its index, after closing', async () => {
    await put({ id: { S: '1' }, topic: { S: 'summer' } });
    await close();
    dynamoDb = await open(posts, connections);
    expect(await dynamoDb.call('GetItem', { TableName: 'Posts', Key: { id: { S: '1' } } })).toEqual({
      Item: { id: { S: '1' }, topic: { S: 'summer' } },
    });
    const { Items } = await read('Query', {
      TableName: 'Posts',
      IndexName: 'byTopic',
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': { S: 'summer' } },
    });
    expect(Items).toHaveLength(1);
  });

  test('survives a killed process', async () => {
    await close();
    const writer = startProcess(`
      for (let n = 0; ; n++) {
        await dynamoDb.call('PutItem', { TableName: 'Posts', Item: { id: { S: String(n) } } });
        console.log(n);
      }`);
    const ended = once(writer, 'exit');
    let answered = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      answered = Number(line) + 1;
      if (answered === 50) writer.kill('SIGKILL');
    }
    await ended;
    expect(answered).toBeGreaterThanOrEqual(50);

    dynamoDb = await open(posts, connections);
    const { Items } = await read('Scan', { TableName: 'Posts' });
    const ids = new Set(Items.map(({ id }) => id?.S));
    for (let n = 0; n < answered; n++) expect(ids).toContain(String(n));
  });

  test('has the same items in a table and its index after a process is killed during writes', async () => {
    await close();
    const writer = startProcess(`
      const TableName = 'Posts';
      for (let lane = 0; lane < 50; lane++) (async () => {
        for (let n = 0; ; n++) {
          const id = { S: lane + '-' + n };
          await dynamoDb.call('PutItem', { TableName, Item: { id, topic: { S: 'summer' } } });
          if (n % 2) await dynamoDb.call('UpdateItem', { TableName, Key: { id }, UpdateExpression: 'REMOVE topic' });
          if (n === 20) console.log(lane);
        }
      })();`);
    const ended = once(writer, 'exit');
    for await (const _ of createInterface({ input: writer.stdout })) writer.kill('SIGKILL');
    await ended;

    dynamoDb = await open(posts, connections);
    const { Items: items } = await read('Scan', { TableName: 'Posts' });
    const { Items: indexed } = await read('Scan', { TableName: 'Posts', IndexName: 'byTopic' });
    const withTopic = items.filter(({ topic }) => topic);
    expect(withTopic.length).toBeGreaterThan(100);
    const ids = (some: Item[]) => some.map(({ id }) => id?.S).sort();
    expect(ids(indexed)).toEqual(ids(withTopic));
  });

  test.each([
    ['key', { KeySchema: [{ AttributeName: 'topic', KeyType: 'HASH' }] }],
    [
      'key type',
      {
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'N' },
          postsProperties.AttributeDefinitions[1],
        ],
      },
    ],
    ['index', { GlobalSecondaryIndexes: [byTopic, { ...byTopic, IndexName: 'byTopic2' }] }],
    ['projection', { GlobalSecondaryIndexes: [{ ...byTopic, Projection: { ProjectionType: 'KEYS_ONLY' } }] }],
  ])('is refused if the template has another %s', async (_what, change) => {
    await close();
    const changed = open(connections, table('Posts', { ...postsProperties, ...change }));
    await expect(changed).rejects.toThrow(/^The kept table Posts .* start with --fresh/);
    journal.close();
    dynamoDb = await open(posts, connections);
  });

  test('is accepted if only the order in the template or a property unrelated to the data changed', async () => {
    await put({ id: { S: '1' } });
    await close();
    dynamoDb = await open(
      connections,
      table('Posts', {
        ...postsProperties,
        AttributeDefinitions: postsProperties.AttributeDefinitions.toReversed(),
        OnDemandThroughput: { MaxWriteRequestUnits: 5 },
        StreamSpecification: undefined,
      }),
    );
    expect((await read('Scan', { TableName: 'Posts' })).Count).toBe(1);
    expect(dynamoDb.stream('Posts')).toBeUndefined();
  });
});

describe('reading', () => {
  test('returns what was written, whatever it contains', async () => {
    const item = {
      id: { S: '"\\\n😀 مرحبا <topic> $' },
      topic: { S: 'summer' },
      map: {
        M: {
          list: { L: [{ N: '1.5' }, { BOOL: true }, { NULL: true }, { B: 'AAE=' }] },
          set: { SS: ['a', 'b'] },
        },
      },
    } satisfies Item;
    await put(item);
    const answer = await dynamoDb.call('GetItem', {
      TableName: 'Posts',
      Key: { id: item.id },
      ConsistentRead: true,
    });
    expect(answer).toEqual({ Item: item });
    expect(records()[0]?.dynamodb.NewImage).toEqual(item);
  });

  test('queries an index in pages, following updates of the items', async () => {
    for (let n = 0; n < 5; n++) await put({ id: { S: `${n}` }, topic: { S: 'summer' } });
    await put({ id: { S: '5' }, topic: { S: 'winter' } });
    await put({ id: { S: '0' }, topic: { S: 'winter' } });
    const query = {
      TableName: 'Posts',
      IndexName: 'byTopic',
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': { S: 'summer' } },
      Limit: 3,
    };
    const first = await read('Query', query);
    expect(first.Items.map(({ id }) => id?.S)).toEqual(['1', '2', '3']);
    const second = await read('Query', { ...query, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.Items.map(({ id }) => id?.S)).toEqual(['4']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  test('ends a page at 1 MB', async () => {
    for (let n = 0; n < 4; n++) await put({ id: { S: `${n}` }, body: { S: 'x'.repeat(390_000) } });
    const first = await read('Scan', { TableName: 'Posts' });
    expect(first.Count).toBe(3);
    const second = await read('Scan', { TableName: 'Posts', ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.Count).toBe(1);
  });

  test('sorts by a number, from either end', async () => {
    for (const n of ['10', '9', '-1', '2.5']) {
      await dynamoDb.call('PutItem', {
        TableName: 'Connections',
        Item: { filter: { S: 'all' }, connectedAt: { N: n } },
      });
    }
    const query = {
      TableName: 'Connections',
      KeyConditionExpression: '#filter = :all AND connectedAt > :least',
      ExpressionAttributeNames: { '#filter': 'filter' },
      ExpressionAttributeValues: { ':all': { S: 'all' }, ':least': { N: '0' } },
    };
    const order = async (forward: boolean) =>
      (await read('Query', { ...query, ScanIndexForward: forward })).Items.map(
        ({ connectedAt }) => connectedAt?.N,
      );
    expect(await order(true)).toEqual(['2.5', '9', '10']);
    expect(await order(false)).toEqual(['10', '9', '2.5']);
  });

  test('describes the tables of the template', async () => {
    expect(await dynamoDb.call('ListTables', {})).toEqual({ TableNames: ['Connections', 'Posts'] });
    expect(await dynamoDb.call('DescribeTable', { TableName: 'Posts' })).toMatchObject({
      Table: { TableArn: posts.arn, TableStatus: 'ACTIVE', GlobalSecondaryIndexes: [byTopic] },
    });
  });
});

test('removes several elements from a list in one update', async () => {
  const list = ['a', 'b', 'c', 'd'].map((letter) => ({ S: letter }));
  await put({ id: { S: '1' }, list: { L: list } });
  const update = {
    UpdateExpression: 'REMOVE #list[0], #list[2]',
    ExpressionAttributeNames: { '#list': 'list' },
  };
  const answer = await dynamoDb.call('UpdateItem', {
    ...update,
    TableName: 'Posts',
    Key: { id: { S: '1' } },
    ReturnValues: 'ALL_NEW',
  });
  expect(answer).toEqual({ Attributes: { id: { S: '1' }, list: { L: [{ S: 'b' }, { S: 'd' }] } } });
});

describe('an error', () => {
  test.each([
    ['ALL_OLD', { Item: { id: { S: '1' }, title: { S: 'Old' } } }],
    ['NONE', {}],
  ])(
    'of a condition contains the item if requested: %s',
    async (ReturnValuesOnConditionCheckFailure, fields) => {
      await put({ id: { S: '1' }, title: { S: 'Old' } });
      const condition = {
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure,
      };
      await expect(put({ id: { S: '1' } }, condition)).rejects.toMatchObject({ fields });
      const other = { ConditionExpression: 'attribute_exists(id)', ReturnValuesOnConditionCheckFailure };
      await expect(put({ id: { S: '2' } }, other)).rejects.toMatchObject({ fields: {} });
    },
  );

  describe('of values nested over 32 levels deep', () => {
    /** Returns a value nested in this many maps and lists. */
    const nested = (wrappers: number): AttributeValue => {
      let value: AttributeValue = { S: 'x' };
      for (let n = 0; n < wrappers; n++) value = n % 2 ? { M: { value } } : { L: [value] };
      return value;
    };
    const key = { id: { S: '1' } };
    const update = {
      TableName: 'Posts',
      Key: key,
      UpdateExpression: 'SET title = :title',
    };

    test.each<[string, (value: AttributeValue) => object]>([
      ['PutItem', (value) => ({ TableName: 'Posts', Item: { ...key, value } })],
      ['UpdateItem', (value) => ({ ...update, ExpressionAttributeValues: { ':title': value } })],
      [
        'BatchWriteItem',
        (value) => ({ RequestItems: { Posts: [{ PutRequest: { Item: { ...key, value } } }] } }),
      ],
    ])('is the same as in AWS: %s', async (operation, input) => {
      const message =
        'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';
      for (const wrappers of [32, 100_000])
        await expect(dynamoDb.call(operation, input(nested(wrappers)))).rejects.toMatchObject({
          code: 'ValidationException',
          status: 400,
          message,
        });
      expect(records()).toEqual([]);
      await dynamoDb.call(operation, input(nested(31)));
      expect(records()).toHaveLength(1);
    });
  });

  test('of a condition has its name in the SDK, and leaves no stream record', async () => {
    await put({ id: { S: '1' }, title: { S: 'Old' } });
    const ConditionExpression = 'attribute_not_exists(id)';
    const failed = {
      name: 'ConditionalCheckFailedException',
      code: 'ConditionalCheckFailedException',
      status: 400,
    };
    await expect(put({ id: { S: '1' } }, { ConditionExpression })).rejects.toMatchObject(failed);
    await expect(setTitle('1', 'New', { ConditionExpression })).rejects.toMatchObject(failed);
    const deletion = { TableName: 'Posts', Key: { id: { S: '1' } }, ConditionExpression };
    await expect(dynamoDb.call('DeleteItem', deletion)).rejects.toMatchObject(failed);
    expect(records()).toHaveLength(1);
    expect((await read('Scan', { TableName: 'Posts' })).Items).toEqual([
      { id: { S: '1' }, title: { S: 'Old' } },
    ]);
  });

  test.each([
    [
      'GetItem',
      { TableName: 'Nowhere', Key: { id: { S: '1' } } },
      'ResourceNotFoundException',
      /resource not found/,
    ],
    [
      'GetItem',
      { TableName: 'Posts', Key: { no: { S: '1' } } },
      'ValidationException',
      /does not match the schema/,
    ],
    ['GetItem', { TableName: 'Posts', Key: 'no' }, 'SerializationException', /Unexpected field type/],
    ['GetItem', 'no', 'SerializationException', /not an object/],
    [
      'PutItem',
      { TableName: 'Posts', Item: { id: { S: 'x'.repeat(410_000) } } },
      'ValidationException',
      /size/,
    ],
    [
      'PutItem',
      { TableName: 'Posts', Item: { id: { S: '1' } }, ReturnValuesOnConditionCheckFailure: 'NEW' },
      'ValidationException',
      /can only be ALL_OLD or NONE/,
    ],
    [
      'GetItem',
      { TableName: 'Posts', Key: { id: { S: '1' } }, ReturnValuesOnConditionCheckFailure: 'NONE' },
      'ValidationException',
      /does not support ReturnValuesOnConditionCheckFailure of GetItem/,
    ],
    [
      'TransactWriteItems',
      { TransactItems: [] },
      'UnknownOperationException',
      /does not support TransactWriteItems/,
    ],
    ['DeleteTable', { TableName: 'Posts' }, 'UnknownOperationException', /does not support DeleteTable/],
  ])('%s with invalid input: %#', async (operation, input, code, message) => {
    const call = dynamoDb.call(operation, input);
    await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message), status: 400 });
    expect(records()).toEqual([]);
  });
});

test.each([
  ['a key of 2,050 bytes in UTF-8', { id: { S: 'é'.repeat(1025) } }, /Size of hashkey has exceeded/],
  ['an index key of 2,049 bytes', { id: { S: '1' }, topic: { S: 'x'.repeat(2049) } }, /Size of hashkey/],
  ['an empty index key', { id: { S: '1' }, topic: { S: '' } }, /cannot contain an empty string value/],
  [
    'an index key of a wrong type',
    { id: { S: '1' }, topic: { N: '1' } },
    /Type mismatch for Index Key topic/,
  ],
])('refuses %s in a put, a batch and an update', async (_, item: Item, words) => {
  const message = expect.stringMatching(words);
  const refusal = { code: 'ValidationException', message };
  await expect(put(item)).rejects.toMatchObject(refusal);
  const batch = { RequestItems: { Posts: [{ PutRequest: { Item: item } }] } };
  await expect(dynamoDb.call('BatchWriteItem', batch)).rejects.toMatchObject(refusal);
  if (!item.topic) return;
  const update = {
    TableName: 'Posts',
    Key: { id: { S: '1' } },
    UpdateExpression: 'SET topic = :topic',
    ExpressionAttributeValues: { ':topic': item.topic },
  };
  await expect(dynamoDb.call('UpdateItem', update)).rejects.toMatchObject(refusal);
  expect(records()).toEqual([]);
});

describe('the stream of a table', () => {
  const numbers = () =>
    (dynamoDb.stream('Posts')?.read(undefined, 100) ?? []).map(
      ({ record }) => record.dynamodb.SequenceNumber,
    );

  test('survives a restart with its items, and continues', async () => {
    await put({ id: { S: '1' } });
    await dynamoDb.call(
      'PutItem',
      { TableName: 'Posts', Item: { id: { S: '2' } } },
      { trace: 'a'.repeat(24), step: 7, members: new Map([['2', { trace: 'b'.repeat(24) }]]) },
    );
    const before = dynamoDb.stream('Posts')?.read(undefined, 100) ?? [];
    expect(before).toHaveLength(2);
    await close();
    dynamoDb = await open(posts, connections);
    const after = dynamoDb.stream('Posts')?.read(undefined, 100) ?? [];
    expect(after.map(({ record }) => record)).toEqual(before.map(({ record }) => record));
    const resumed = true;
    expect(after[1]?.cause).toEqual({
      trace: 'a'.repeat(24),
      resumed,
      members: new Map([['2', { trace: 'b'.repeat(24), resumed }]]),
    });
    await put({ id: { S: '3' } });
    expect(numbers()).toHaveLength(3);
    expect(numbers().toSorted()).toEqual(numbers());
  });
});

describe('an exception', () => {
  test('in a write fails that call alone, and the key can be written again', async () => {
    const stream = dynamoDb.stream('Posts');
    if (!stream) throw new Error('There is no stream.');
    jest.spyOn(stream, 'add').mockImplementationOnce(() => {
      throw new TypeError('broken');
    });
    const item = { id: { S: '1' } };
    const answers = await Promise.allSettled([
      put(item),
      put(item),
      setTitle('1', 'a'),
      put({ id: { S: '2' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    await put(item);
  });

  test.each([
    ['Scan', { FilterExpression: 'topic IN (category)' }],
    [
      'Query',
      { FilterExpression: 'title IN (category)', KeyConditionExpression: 'topic = :t', IndexName: 'byTopic' },
    ],
    ['PutItem', { Item: { id: { S: '1' } }, ConditionExpression: 'title IN (category)' }],
    ['UpdateItem', { Key: { id: { S: '1' } }, ConditionExpression: 'title IN (category)' }],
    ['DeleteItem', { Key: { id: { S: '1' } }, ConditionExpression: 'title IN (category)' }],
  ])('does not leave %s, and its key can be written again', async (operation, input) => {
    await put({ id: { S: '1' }, topic: { S: 'x' }, title: { S: 'a' } });
    const values = operation === 'Query' && { ExpressionAttributeValues: { ':t': { S: 'x' } } };
    await Promise.allSettled([dynamoDb.call(operation, { TableName: 'Posts', ...input, ...values })]);
    await put({ id: { S: '1' } });
  });
});

describe('the stream', () => {
  test('has each change of an item, and the calls return the requested values', async () => {
    expect(await put({ id: { S: '1' }, title: { S: 'a' } }, { ReturnValues: 'ALL_OLD' })).toEqual({});
    expect(await setTitle('1', 'b', { ReturnValues: 'UPDATED_OLD' })).toEqual({
      Attributes: { title: { S: 'a' } },
    });
    expect(await setTitle('1', 'c')).toEqual({});
    const deletion = { TableName: 'Posts', Key: { id: { S: '1' } }, ReturnValues: 'ALL_OLD' };
    const last = { id: { S: '1' }, title: { S: 'c' } };
    expect(await dynamoDb.call('DeleteItem', deletion)).toEqual({ Attributes: last });
    expect(
      records().map(({ eventName, dynamodb }) => [
        eventName,
        dynamodb.OldImage?.title?.S,
        dynamodb.NewImage?.title?.S,
      ]),
    ).toEqual([
      ['INSERT', undefined, 'a'],
      ['MODIFY', 'a', 'b'],
      ['MODIFY', 'b', 'c'],
      ['REMOVE', 'c', undefined],
    ]);
    expect(records()[0]).toMatchObject({
      awsRegion: 'eu-west-1',
      eventSourceARN: dynamoDb.stream('Posts')?.arn,
    });
  });

  test('has no record of a write that changes nothing', async () => {
    await put({ id: { S: '1' }, title: { S: 'a' } });
    await put({ title: { S: 'a' }, id: { S: '1' } });
    await setTitle('1', 'a');
    await dynamoDb.call('DeleteItem', { TableName: 'Posts', Key: { id: { S: '2' } } });
    expect(records()).toHaveLength(1);
  });

  test('has concurrent updates of an item in the order of the writes', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        dynamoDb.call('UpdateItem', {
          TableName: 'Posts',
          Key: { id: { S: '1' } },
          UpdateExpression: 'ADD likes :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ReturnValues: 'UPDATED_NEW',
        }),
      ),
    );
    expect(answers).toHaveLength(50);
    expect(records().map(({ dynamodb }) => dynamodb.NewImage?.likes?.N)).toEqual(
      Array.from({ length: 50 }, (_, n) => String(n + 1)),
    );
    expect(records().map(({ dynamodb }) => dynamodb.OldImage?.likes?.N)).toEqual(
      Array.from({ length: 50 }, (_, n) => (n === 0 ? undefined : String(n))),
    );
  });

  test('has every item of a batch', async () => {
    await put({ id: { S: '0' } });
    const answer = await dynamoDb.call('BatchWriteItem', {
      RequestItems: {
        Posts: [
          { DeleteRequest: { Key: { id: { S: '0' } } } },
          { PutRequest: { Item: { id: { S: '1' } } } },
          { PutRequest: { Item: { id: { S: '2' } } } },
        ],
        Connections: [{ PutRequest: { Item: { filter: { S: 'all' }, connectedAt: { N: '1' } } } }],
      },
    });
    expect(answer).toEqual({ UnprocessedItems: {} });
    const changes = records().map(({ eventName, dynamodb }) => `${eventName} ${dynamodb.Keys.id?.S}`);
    expect(changes[0]).toBe('INSERT 0');
    expect(changes.slice(1).sort()).toEqual(['INSERT 1', 'INSERT 2', 'REMOVE 0']);
  });

  test.each([
    ['PutItem', { TableName: 'Posts', Item: { id: { S: '1' }, title: { S: 'b' } } }],
    ['DeleteItem', { TableName: 'Posts', Key: { id: { S: '1' } } }],
    [
      'UpdateItem',
      {
        TableName: 'Posts',
        Key: { id: { S: '1' } },
        UpdateExpression: 'SET title = :title',
        ExpressionAttributeValues: { ':title': { S: 'b' } },
      },
    ],
    [
      'BatchWriteItem',
      {
        RequestItems: {
          Posts: [
            { PutRequest: { Item: { id: { S: '1' }, title: { S: 'b' } } } },
            { PutRequest: { Item: { id: { S: '2' } } } },
            { DeleteRequest: { Key: { id: { S: '0' } } } },
          ],
        },
      },
    ],
  ])('has the cause of each change by %s', async (operation, input) => {
    await put({ id: { S: '0' } });
    await put({ id: { S: '1' }, title: { S: 'a' } });
    const written = entries().length;
    const causes = [{ trace: 'first' }, { trace: 'second' }];
    // A concurrent write has its own cause.
    await Promise.all([
      dynamoDb.call(operation, input, causes[0]),
      dynamoDb.call('PutItem', { TableName: 'Posts', Item: { id: { S: '3' } } }, causes[1]),
    ]);
    const changes = entries().slice(written);
    expect(changes.length).toBe(operation === 'BatchWriteItem' ? 4 : 2);
    for (const { record, cause } of changes) {
      expect(cause).toBe(record.dynamodb.Keys.id?.S === '3' ? causes[1] : causes[0]);
    }
  });

  test('gives a change without a cause its own trace', async () => {
    await put({ id: { S: '1' } });
    await put({ id: { S: '2' } });
    const traces = entries().map(({ cause }) => cause.trace);
    expect(traces).toEqual([
      expect.stringMatching(/^[0-9a-f]{24}$/),
      expect.stringMatching(/^[0-9a-f]{24}$/),
    ]);
    expect(new Set(traces).size).toBe(2);
  });

  test('exists only if the template asks for it', () => {
    expect(dynamoDb.stream('Posts')).toBeDefined();
    expect(dynamoDb.stream('Connections')).toBeUndefined();
    expect(dynamoDb.stream('Nowhere')).toBeUndefined();
  });

  test('adds up to the contents of the table after concurrent and sequential writes', async () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const title = fc.constantFrom('x', 'y', 'z');
    const write = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), id, title }),
      fc.record({ kind: fc.constant('update' as const), id, title }),
      fc.record({ kind: fc.constant('delete' as const), id }),
      fc.record({ kind: fc.constant('batch' as const), id, title }),
    );
    const perform = async (change: typeof write extends fc.Arbitrary<infer Change> ? Change : never) => {
      const Key = { id: { S: change.id } };
      if (change.kind === 'delete') return dynamoDb.call('DeleteItem', { TableName: 'Posts', Key });
      const Item = { ...Key, title: { S: change.title } };
      if (change.kind === 'put') return put(Item);
      if (change.kind === 'update') return setTitle(change.id, change.title);
      return dynamoDb.call('BatchWriteItem', { RequestItems: { Posts: [{ PutRequest: { Item } }] } });
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 10 }), async (rounds) => {
        for (const round of rounds) await Promise.all(round.map(perform));
        const folded = new Map<string | undefined, Item>();
        for (const { dynamodb } of records()) {
          const key = dynamodb.Keys.id?.S;
          expect(dynamodb.OldImage).toEqual(folded.get(key));
          if (dynamodb.NewImage) folded.set(key, dynamodb.NewImage);
          else folded.delete(key);
        }
        const { Items } = await read('Scan', { TableName: 'Posts' });
        expect(new Map(Items.map((item) => [item.id?.S, item]))).toEqual(folded);
      }),
      { numRuns: 30 },
    );
  });
});
