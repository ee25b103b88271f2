import { createHash } from 'node:crypto';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributeValue } from 'aws-lambda';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { Journal } from '../../../src/core/journal.ts';
import { DynamoDb } from '../../../src/services/dynamodb/dynamodb.ts';
import { TableResource } from '../../../src/services/dynamodb/table-resource.ts';
import { account } from '../../fixtures/assembly.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const clock = new ManualClock();
let files = 0;
const newPath = () => join(folder, `${files++}.jsonl`);

const TableName = 'Posts';
const resource = {
  logicalId: TableName,
  constructPath: `Blog/${TableName}/Resource`,
  name: TableName,
  arn: `arn:aws:dynamodb:${account.region}:${account.id}:table/${TableName}`,
  properties: TableResource.properties.parse({
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'topic', AttributeType: 'S' },
    ],
    // Without a sort key, many items have the same key in the index.
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byTopic',
        KeySchema: [{ AttributeName: 'topic', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
      },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  }),
};

async function open(path: string) {
  const journal = new Journal(path);
  const dynamoDb = await DynamoDb.open({ journal, resources: [resource], account, clock });
  return { journal, dynamoDb };
}

type Item = Record<string, AttributeValue>;
const Page = z.object({
  Items: z.array(z.record(z.string(), z.custom<AttributeValue>())),
  LastEvaluatedKey: z.optional(z.unknown()),
});

async function items(dynamoDb: DynamoDb, IndexName?: string): Promise<Item[]> {
  const page = Page.parse(await dynamoDb.call('Scan', { TableName, ...(IndexName && { IndexName }) }));
  return page.Items;
}

const records = (dynamoDb: DynamoDb) =>
  (dynamoDb.stream(TableName)?.read(undefined, 1_000) ?? []).map(({ record }) => record);

const byId = (some: Item[]) => new Map(some.map((item) => [item.id?.S, item]));

const id = fc.constantFrom('a', 'b', 'c');
const Write = fc.oneof(
  fc.record({ put: id, topic: fc.option(fc.constantFrom('summer', 'winter')), title: fc.string() }),
  fc.record({ update: id, title: fc.string() }),
  fc.record({ delete: id }),
);
type Write = typeof Write extends fc.Arbitrary<infer Value> ? Value : never;

function perform(dynamoDb: DynamoDb, write: Write): Promise<object> {
  if ('delete' in write) return dynamoDb.call('DeleteItem', { TableName, Key: { id: { S: write.delete } } });
  if ('update' in write)
    return dynamoDb.call('UpdateItem', {
      TableName,
      Key: { id: { S: write.update } },
      UpdateExpression: 'SET title = :title',
      ExpressionAttributeValues: { ':title': { S: write.title } },
    });
  const { put, topic, title } = write;
  const Item = {
    id: { S: put },
    title: { S: title },
    other: { N: '1' },
    ...(topic && { topic: { S: topic } }),
  };
  return dynamoDb.call('PutItem', { TableName, Item });
}

it('has the items and the records of a prefix of the writes, wherever the file ends', async () => {
  const Rounds = fc.array(fc.array(Write, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(Rounds, fc.nat(), async (rounds, cut) => {
      const path = newPath();
      const { journal, dynamoDb } = await open(path);
      await journal.written();
      const lines = () => readFileSync(path, 'utf8').split('\n').length;
      const state = async (dynamoDb: DynamoDb) => ({
        items: byId(await items(dynamoDb)),
        records: records(dynamoDb),
      });
      const begin = statSync(path).size;
      /** The state after each line of the file. */
      const states = new Map([[lines(), await state(dynamoDb)]]);
      for (const round of rounds) {
        await Promise.all(round.map((write) => perform(dynamoDb, write)));
        states.set(lines(), await state(dynamoDb));
      }
      await dynamoDb.close();
      journal.close();
      truncateSync(path, begin + (cut % (statSync(path).size - begin + 1)));
      const expected = states.get(lines());

      const restarted = await open(path);
      const kept = await state(restarted.dynamoDb);
      expect(kept).toEqual(expected);
      const folded = new Map<string | undefined, Item>();
      for (const { dynamodb } of kept.records) {
        if (dynamodb.NewImage) folded.set(dynamodb.Keys.id?.S, dynamodb.NewImage);
        else folded.delete(dynamodb.Keys.id?.S);
      }
      expect(kept.items).toEqual(folded);
      const indexed = [...kept.items.values()]
        .filter(({ topic }) => topic)
        .map(({ other: _, ...item }) => item);
      expect(byId(await items(restarted.dynamoDb, 'byTopic'))).toEqual(byId(indexed));
      await restarted.dynamoDb.close();
      restarted.journal.close();
    }),
    { numRuns: 60 },
  );
});

it('has every item in an index without a sort key, in pages, in either direction', async () => {
  const { journal, dynamoDb } = await open(newPath());
  // These have the same first six digits of the hash that dynalite tells them apart by.
  const ids = ['1', '2', '3', ...sameHash()];
  for (const id of ids)
    await dynamoDb.call('PutItem', { TableName, Item: { id: { S: id }, topic: { S: 'summer' } } });
  const pages = async (request: object) => {
    const found: unknown[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const { Items, LastEvaluatedKey } = Page.parse(
        await dynamoDb.call(
          'IndexName' in request && 'KeyConditionExpression' in request ? 'Query' : 'Scan',
          {
            ...request,
            TableName,
            Limit: 1,
            ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
          },
        ),
      );
      found.push(...Items.map((item) => item.id?.S));
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  };
  const query = {
    IndexName: 'byTopic',
    KeyConditionExpression: 'topic = :topic',
    ExpressionAttributeValues: { ':topic': { S: 'summer' } },
  };
  const forwards = await pages(query);
  expect(forwards.toSorted()).toEqual(ids.toSorted());
  expect(await pages({ ...query, ScanIndexForward: false })).toEqual(forwards.toReversed());
  expect(await pages({ IndexName: 'byTopic' })).toEqual(forwards);
  expect((await pages({})).toSorted()).toEqual(ids.toSorted());
  await dynamoDb.close();
  journal.close();
});

/** Returns two IDs. */
function sameHash(): string[] {
  const known = new Map<string, string>();
  for (let n = 0; ; n++) {
    const id = `id-${n}`;
    const hash = createHash('md5').update(`Outliers${id}`).digest('hex').slice(0, 6);
    const other = known.get(hash);
    if (other !== undefined) return [other, id];
    known.set(hash, id);
  }
}
