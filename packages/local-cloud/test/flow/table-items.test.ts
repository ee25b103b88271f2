import type { TableItems } from '../../src/core/node-contents.ts';
import { AwsError } from '../../src/core/service.ts';
import { tableItems } from '../../src/flow/table-items.ts';
import { DynamoDb } from '../../src/services/dynamodb/dynamodb.ts';
import { TableResource } from '../../src/services/dynamodb/table-resource.ts';
import { account } from '../fixtures/assembly.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { temporaryJournals } from '../fixtures/temporary-journals.ts';

const openJournal = temporaryJournals();
const table = { name: 'Orders', keyNames: ['id', 'at'] };

async function setUp(count: number) {
  const properties = TableResource.properties.parse({
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
    ],
  });
  const arn = `arn:aws:dynamodb:${account.region}:${account.id}:table/Orders`;
  const resource = { logicalId: 'Orders', constructPath: 'Orders', name: 'Orders', arn, properties };
  const clock = new ManualClock();
  const dynamoDb = await DynamoDb.open({ account, clock, journal: openJournal(), resources: [resource] });
  const put = (Item: object) => dynamoDb.call('PutItem', { TableName: 'Orders', Item });
  for (let n = 0; n < count; n++) await put({ id: { S: `order-${n}` }, at: { N: `${n}` } });
  const all = async (search: string): Promise<{ pages: TableItems[]; keys: string[] }> => {
    const pages: TableItems[] = [];
    let after: string | undefined;
    do {
      const page = await tableItems(dynamoDb, table, { search, after });
      pages.push(page);
      after = page.next;
    } while (after !== undefined);
    return { pages, keys: pages.flatMap(({ items }) => items.map(({ key }) => key)) };
  };
  return { all, dynamoDb, put };
}

it('shows every item once, page by page, and those whose key contains a text', async () => {
  const { all, dynamoDb } = await setUp(130);
  const { keys, pages } = await all('');
  expect(new Set(keys).size).toBe(130);
  expect(pages.map(({ items }) => items.length)).toEqual([25, 25, 25, 25, 25, 5]);
  expect((await all('ORDER-12')).keys.sort()).toEqual(
    [12, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129].map((n) => `order-${n} ${n}`).sort(),
  );
  expect((await all('nothing')).pages).toEqual([{ items: [], read: 130, next: undefined }]);
  await dynamoDb.close();
});

it('shows an item as JSON, and of a long one the beginning', async () => {
  const { all, dynamoDb, put } = await setUp(0);
  await put({
    id: { S: 'a' },
    at: { N: '1' },
    big: { N: '12345678901234567890' },
    none: { NULL: true },
    nested: { M: { list: { L: [{ S: '<b>' }, { BOOL: false }] }, set: { SS: ['x'] } } },
  });
  const [item] = (await all('')).pages[0]?.items ?? [];
  expect(item?.key).toBe('a 1');
  expect(JSON.parse(item?.text ?? '')).toEqual({
    id: 'a',
    at: 1,
    big: '12345678901234567890',
    none: null,
    nested: { list: ['<b>', false], set: ['x'] },
  });
  await put({ id: { S: 'a' }, at: { N: '1' }, long: { S: 'x'.repeat(20_000) } });
  expect((await all('')).pages[0]?.items[0]?.text.length).toBe(10_001);
  await dynamoDb.close();
});

it('refuses a page that begins at no key, and reads the first one after what is no JSON', async () => {
  const { dynamoDb } = await setUp(1);
  const read = (after: string) => tableItems(dynamoDb, table, { search: '', after });
  await expect(read('{"id":{"S":"a"}}')).rejects.toThrow(AwsError);
  expect((await read('no')).items).toHaveLength(1);
  await dynamoDb.close();
});
