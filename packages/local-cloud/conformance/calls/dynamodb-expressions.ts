import { type AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Recorder } from '../answers.ts';
import { expressionsOf, type Kind } from '../generated/expressions.ts';
import type { System } from '../system.ts';
import { callWithLegacyParameters } from './dynamodb-legacy.ts';
import { callAtLimits } from './dynamodb-limits.ts';

const TableName = 'Documents';

const values: Record<string, AttributeValue> = {
  ':s': { S: 'abc' },
  ':n': { N: '5' },
  ':b': { B: new Uint8Array([1, 2, 3]) },
  ':t': { BOOL: true },
  ':z': { NULL: true },
  ':ss': { SS: ['a', 'b'] },
  ':ns': { NS: ['1', '2'] },
  ':bs': { BS: [new Uint8Array([1])] },
  ':l': { L: [{ S: 'a' }, { N: '1' }] },
  ':m': { M: { a: { S: 'x' } } },
  ':empty': { S: '' },
  ':one': { N: '1' },
  ':two': { N: '2' },
  ':three': { N: '3' },
  ':S': { S: 'S' },
  ':N': { S: 'N' },
  ':abc': { S: 'abcdef' },
  ':a': { S: 'a' },
};
const names: Record<string, string> = { '#s': 's', '#size': 'size', '#a': 'a' };

const typed = {
  s: { S: 'abc' },
  n: { N: '5' },
  b: { B: new Uint8Array([1, 2, 3]) },
  t: { BOOL: true },
  z: { NULL: true },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2'] },
  bs: { BS: [new Uint8Array([1])] },
  l: { L: [{ S: 'a' }, { N: '1' }, { L: [{ N: '2' }] }] },
  m: { M: { a: { S: 'x' }, b: { M: { c: { N: '3' } } }, s: { S: 'abc' } } },
  kind: { S: 'a' },
  rank: { N: '2' },
} satisfies Record<string, AttributeValue>;

/** Items without the attributes, with them, and with them in other types. */
const items: Record<string, Record<string, AttributeValue>> = {
  empty: {},
  typed,
  // Each attribute has the type of the next one.
  shifted: {
    ...{ s: typed.n, n: typed.b, b: typed.t, t: typed.z, z: typed.ss },
    ...{ ss: typed.ns, ns: typed.bs, bs: typed.l, l: typed.m, m: typed.s },
    ...{ kind: { S: 'a' }, rank: { N: '1' } },
  },
  other: {
    s: { S: 'abcd' },
    n: { N: '50' },
    l: { L: [] },
    m: { M: {} },
    a: typed.l,
    size: { N: '3' },
    kind: { S: 'b' },
    rank: { N: '1' },
  },
};

/** Makes calls with generated expressions. The messages of errors are compared too. */
export async function callDynamoDbExpressions({ settings }: System, record: Recorder): Promise<void> {
  const client = new DynamoDB(settings);
  for (const [id, item] of Object.entries(items))
    await client.putItem({ TableName, Item: { id: { S: id }, ...item } });
  const keepAll = async (kind: Kind, count: number, answer: (text: string) => Promise<unknown>) => {
    for (const text of expressionsOf(kind, count))
      record.keep(`${kind}: ${text}`, await answer(text).catch((error: unknown) => wordsOf(kind, error)));
  };

  await keepAll('filter', 600, async (FilterExpression) => {
    const input = { TableName, FilterExpression, ...placeholders(FilterExpression) };
    return ids(await client.scan(input))
      .sort()
      .join(' ');
  });
  await keepAll('key condition', 200, async (KeyConditionExpression) => {
    const input = { KeyConditionExpression, ...placeholders(KeyConditionExpression) };
    return ids(await client.query({ TableName, IndexName: 'byKind', ...input })).join(' ');
  });
  for (const id of ['typed', 'nothing'])
    for (const ConditionExpression of expressionsOf('filter', 60))
      record.keep(
        `condition of a write of ${id}: ${ConditionExpression}`,
        await client
          .deleteItem({
            TableName,
            Key: { id: { S: id } },
            ConditionExpression: `(${ConditionExpression}) AND attribute_not_exists(id)`,
            ...placeholders(ConditionExpression),
          })
          .then(() => 'holds')
          .catch((error: unknown) => wordsOf('filter', error)),
      );
  const Key = { id: { S: 'updated' } };
  await client.putItem({ TableName, Item: { ...Key, ...typed } });
  await keepAll('projection', 120, async (ProjectionExpression) => {
    const { ExpressionAttributeNames } = placeholders(ProjectionExpression);
    return (await client.getItem({ TableName, Key, ProjectionExpression, ExpressionAttributeNames })).Item;
  });
  const update = async (UpdateExpression: string) => {
    await client.putItem({ TableName, Item: { ...Key, ...typed } });
    const input = { TableName, Key, UpdateExpression, ...placeholders(UpdateExpression) };
    return changes((await client.updateItem({ ...input, ReturnValues: 'ALL_NEW' })).Attributes);
  };
  await keepAll('update', 400, update);
  await keepAll('updates', 300, update);
  await callAtLimits(client, TableName, record);
  await callWithLegacyParameters(client, TableName, record);
}

function ids({ Items = [] }: { Items?: Record<string, AttributeValue>[] | undefined }) {
  return Items.map(({ id }) => id?.S);
}

/** Returns the names and values that an expression uses. */
function placeholders(text: string) {
  const used = <Content>(all: Record<string, Content>) => {
    const entries = Object.entries(all).filter(([key]) => new RegExp(`${key}(?![a-zA-Z0-9_])`).test(text));
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  };
  return { ExpressionAttributeNames: used(names), ExpressionAttributeValues: used(values) };
}

/** Returns the attributes that an update has changed; `null` stands for a removed one. */
function changes(item: Record<string, AttributeValue> = {}) {
  const before: Record<string, AttributeValue> = typed;
  const all = new Set([...Object.keys(before), ...Object.keys(item)]);
  all.delete('id');
  const changed = [...all].filter((name) => JSON.stringify(item[name]) !== JSON.stringify(before[name]));
  return Object.fromEntries(changed.map((name) => [name, item[name] ?? null]));
}

const Refusal = z.object({ name: z.string(), message: z.string() });

/** The parts of messages whose order is random in DynamoDB Local, or that it lacks. */
const random =
  /(?<=type: |valid types: )\{.*\}|(?<=missed key schema element): \w+|(?<=one of these paths);.*/;

/**
 * Returns the code and the message of an error response. Which of several errors in updates is
 * reported is random in DynamoDB Local, so that of these only the kind is kept.
 */
function wordsOf(kind: Kind, error: unknown): string {
  const { name, message } = Refusal.parse(error);
  if (!name.endsWith('Exception')) throw error;
  if (kind === 'updates') return message.startsWith('Invalid UpdateExpression') ? `${name}: Invalid` : name;
  return `${name}: ${message.replace(random, '')}`;
}
