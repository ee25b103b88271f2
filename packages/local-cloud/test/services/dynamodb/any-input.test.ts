import type { Server } from 'node:http';
import * as fc from 'fast-check';
import { expressions, placeholders } from '../../../conformance/generated/expressions.ts';
import { AwsPort } from '../../../src/cloud/aws-port.ts';
import { seededChance } from '../../../src/core/chance.ts';
import { realClock } from '../../../src/core/clock.ts';
import { Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { Tracer } from '../../../src/core/trace.ts';
import { listen, portOf, serve } from '../../../src/http/http-server.ts';
import { localTable } from '../../fixtures/local-table.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';

const call = localTable('Documents', ['id']);

let server: Server;
let url: string;
beforeAll(async () => {
  const log = new RecordedLog();
  const recorder = new Recorder(realClock);
  const none = { call: () => Promise.reject(new Error('There is no such service.')) };
  const port = new AwsPort({
    journal: { written: async () => {} },
    services: {
      ...{
        cloudFormation: none,
        comprehend: none,
        dynamodbStreams: none,
        events: none,
        secretsManager: none,
        sns: none,
        sqs: none,
      },
      dynamodb: { call },
      lambda: { invoke: none.call },
      webSocketApi: undefined,
    },
    callers: new Map(),
    skippedIn: () => undefined,
    invocation: () => undefined,
    authorize: () => [],
    callerArn: () => '',
    clock: realClock,
    faults: new Faults({ chance: seededChance('test'), clock: realClock, log }),
    recorder,
    log,
    tracer: new Tracer('test'),
  });
  server = await listen(0);
  url = `http://127.0.0.1:${portOf(server)}`;
  serve(server, (request, response) => port.handle(request, response));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function statusOf(operation: string, input: object): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260131/eu-west-1/any/aws4_request',
    },
    body: JSON.stringify({ TableName: 'Documents', ...input }),
  });
  await response.arrayBuffer();
  return response.status;
}

const { value } = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('', 'a', 'abc', 'ë🦊').map((S) => ({ S })),
    fc.constantFrom('0', '-1', '5', '1e-130', '9e125', '0.5').map((N) => ({ N })),
    fc.constantFrom('', 'AQID', '/w==').map((B) => ({ B })),
    fc.constantFrom<object>({ BOOL: true }, { BOOL: false }, { NULL: true }),
    fc.constantFrom<object>({ SS: ['a', 'b'] }, { NS: ['1', '2'] }, { BS: ['AQ=='] }),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc
      .dictionary(fc.constantFrom('a', 'b', 's', '__proto__', 'constructor'), tie('value'))
      .map((M) => ({ M })),
  ),
}));
const attributes = fc.constantFrom(
  'a',
  's',
  'n',
  'b',
  't',
  'z',
  'ss',
  'ns',
  'l',
  'm',
  'toString',
  '__proto__',
);
const item = fc
  .dictionary(attributes, value, { maxKeys: 8 })
  .map((others) => ({ ...others, id: { S: 'x' } }));

/** Returns the placeholders of some expressions, each with one of the values. */
function defined(values: object[], ...texts: string[]) {
  const text = texts.join(' ');
  const used = (name: string) => new RegExp(`${name}(?![a-zA-Z0-9_])`).test(text);
  const names = ['#s', '#size'].filter(used);
  const chosen = placeholders.filter(used);
  return {
    ...(names.length > 0 && {
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, 's'])),
    }),
    ...(chosen.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(
        chosen.map((name, index) => [name, values[index % values.length] ?? { S: '' }]),
      ),
    }),
  };
}

const Key = { id: { S: 'x' } };

it('answers any expression on any item with a success or a refusal', async () => {
  const { filter, updates, projection } = expressions;
  const values = fc.array(value, { minLength: 1, maxLength: 6 });
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      item,
      values,
      filter,
      updates,
      projection,
      async (Item, some, condition, update, parts) => {
        await statusOf('PutItem', { Item });
        const ConditionExpression = condition;
        const conditional = { ConditionExpression, ...defined(some, condition) };
        const answers = [
          await statusOf('Scan', { FilterExpression: condition, ...defined(some, condition) }),
          await statusOf('Query', {
            FilterExpression: condition,
            KeyConditionExpression: 'id = :id',
            ...defined(some, condition),
            ExpressionAttributeValues: {
              ...defined(some, condition).ExpressionAttributeValues,
              ':id': Key.id,
            },
          }),
          await statusOf('UpdateItem', { Key, UpdateExpression: update, ...defined(some, update) }),
          await statusOf('UpdateItem', {
            Key,
            UpdateExpression: update,
            ConditionExpression,
            ...defined(some, update, condition),
          }),
          await statusOf('GetItem', { Key, ProjectionExpression: parts, ...defined([], parts) }),
          await statusOf('PutItem', { Item, ...conditional }),
          await statusOf('DeleteItem', { Key, ...conditional }),
        ];
        for (const status of answers) statuses.add(status);
        expect(answers.filter((status) => status !== 200 && status !== 400)).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
});

it('answers any legacy condition on any item with a success or a refusal', async () => {
  const operators = [
    'EQ',
    'NE',
    'LE',
    'LT',
    'GE',
    'GT',
    'CONTAINS',
    'NOT_CONTAINS',
    'BEGINS_WITH',
    'IN',
    'BETWEEN',
  ];
  const condition = fc.record(
    {
      ComparisonOperator: fc.constantFrom(...operators, 'NULL', 'NOT_NULL'),
      AttributeValueList: fc.array(fc.oneof(value, fc.constant({ N: 'x' })), { maxLength: 3 }),
    },
    { requiredKeys: ['ComparisonOperator'] },
  );
  const conditions = fc.dictionary(attributes, condition, { maxKeys: 3 });
  const update = fc.record(
    { Action: fc.constantFrom('PUT', 'ADD', 'DELETE'), Value: value },
    { requiredKeys: [] },
  );
  const updates = fc.dictionary(attributes, update, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(item, conditions, updates, async (Item, filter, AttributeUpdates) => {
      await statusOf('PutItem', { Item });
      const answers = [
        await statusOf('Scan', { ScanFilter: filter, ConditionalOperator: 'OR' }),
        await statusOf('PutItem', { Item, Expected: filter }),
        await statusOf('UpdateItem', { Key, AttributeUpdates, Expected: filter }),
        await statusOf('UpdateItem', { Key, AttributeUpdates }),
      ];
      expect(answers.filter((status) => status !== 200 && status !== 400)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

const id = { S: 'x' };
const condition = { s: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } };
const filter = { FilterExpression: 's = :s', ExpressionAttributeValues: { ':s': { S: 'a' } } };
/** Valid requests of each operation, with each of its parameters in one of them. */
const requests: [operation: string, input: object][] = [
  [
    'BatchGetItem',
    { RequestItems: { Documents: { Keys: [{ id }], ProjectionExpression: 's', ConsistentRead: true } } },
  ],
  [
    'BatchWriteItem',
    {
      RequestItems: {
        Documents: [{ PutRequest: { Item: { id } } }, { DeleteRequest: { Key: { id: { S: 'y' } } } }],
      },
    },
  ],
  ['DeleteItem', { Key: { id }, Expected: condition, ConditionalOperator: 'AND', ReturnValues: 'ALL_OLD' }],
  ['DescribeTable', { TableName: 'Documents' }],
  [
    'GetItem',
    {
      Key: { id },
      ProjectionExpression: '#s',
      ExpressionAttributeNames: { '#s': 's' },
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  ['GetItem', { Key: { id }, AttributesToGet: ['s'] }],
  ['ListTables', { ExclusiveStartTableName: 'Doc', Limit: 1 }],
  [
    'PutItem',
    { Item: { id, s: { L: [{ M: { a: { NS: ['1'] } } }] } }, Expected: { s: { Value: { S: 'a' } } } },
  ],
  [
    'Query',
    {
      KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [id] } },
      QueryFilter: condition,
      ExclusiveStartKey: { id },
    },
  ],
  [
    'Query',
    { ...filter, KeyConditionExpression: 'id = :s', Limit: 1, ScanIndexForward: false, Select: 'COUNT' },
  ],
  ['Scan', { ScanFilter: condition, Segment: 0, TotalSegments: 2, ExclusiveStartKey: { id } }],
  ['Scan', { ...filter, ProjectionExpression: 's', Limit: 2 }],
  [
    'UpdateItem',
    {
      Key: { id },
      AttributeUpdates: { s: { Action: 'PUT', Value: { S: 'a' } }, n: { Action: 'ADD', Value: { N: '1' } } },
    },
  ],
  [
    'UpdateItem',
    {
      Key: { id },
      UpdateExpression: 'SET s = :s',
      ExpressionAttributeValues: { ':s': { S: 'a' } },
      ReturnValues: 'UPDATED_NEW',
    },
  ],
];

/** Returns a value with another one in place of one of its parts. */
function replaced(whole: unknown, at: number, part: unknown): unknown {
  let left = at % (JSON.stringify(whole).match(/[:[,]/g)?.length ?? 1);
  const copy = (value: unknown): unknown => {
    if (left-- === 0) return part;
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, copy(child)]));
  };
  return copy(whole);
}

it('answers any JSON in place of any part of a request with a success or a refusal', async () => {
  const part = fc.oneof(
    fc.constant(null),
    fc.jsonValue({ maxDepth: 2 }),
    value,
    fc.constantFrom(id, [], {}, '', -1),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...requests), fc.nat(), part, async ([operation, input], at, other) => {
      const broken = replaced(input, at, other);
      expect([200, 400]).toContain(await statusOf(operation, Object(broken)));
    }),
    { numRuns: 200 },
  );
});
