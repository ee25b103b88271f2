import type { AttributeValue } from 'aws-lambda';
import { DynamoDb } from '../../../src/services/dynamodb/dynamodb.ts';
import { TableResource } from '../../../src/services/dynamodb/table-resource.ts';
import { account } from '../../fixtures/assembly.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';

const openJournal = temporaryJournals();
const minute = 60_000;
const clock = new ManualClock();
const now = clock.now() / 1000;

function table(name: string, properties: object) {
  return {
    logicalId: name,
    constructPath: `Blog/${name}/Resource`,
    name,
    arn: `arn:aws:dynamodb:${account.region}:${account.id}:table/${name}`,
    properties: TableResource.properties.parse({
      KeySchema: [
        { AttributeName: 'channel', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'channel', AttributeType: 'S' },
        { AttributeName: 'id', AttributeType: 'S' },
      ],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      ...properties,
    }),
  };
}

async function open(Enabled = true) {
  const specification = { AttributeName: 'expiresAt', Enabled };
  const resources = [table('Connections', { TimeToLiveSpecification: specification })];
  const dynamoDb = await DynamoDb.open({ journal: openJournal(), resources, account, clock });
  const Key = (id: string) => ({ channel: { S: 'all' }, id: { S: id } });
  return {
    dynamoDb,
    write: (id: string, expiresAt: AttributeValue) =>
      dynamoDb.call('PutItem', { TableName: 'Connections', Item: { ...Key(id), expiresAt } }),
    get: (id: string) => dynamoDb.call('GetItem', { TableName: 'Connections', Key: Key(id) }),
    removals: () =>
      (dynamoDb.stream('Connections')?.read(undefined, 100) ?? []).flatMap(({ record }) =>
        record.eventName === 'REMOVE' ? [record] : [],
      ),
  };
}

test('an expired item can be read until it is deleted, and the record names the identity behind the deletion', async () => {
  const { dynamoDb, write, get, removals } = await open();
  await write('a', { N: String(now + 30) });
  clock.advance(minute - 1);
  expect(await get('a')).toHaveProperty('Item');
  clock.advance(1);
  await eventually(async () => expect(await get('a')).toEqual({}));
  // The deletion appears in the stream shortly after the item is gone.
  await eventually(() => expect(removals()).toHaveLength(1));
  expect(removals()).toEqual([
    expect.objectContaining({
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
      dynamodb: expect.objectContaining({
        Keys: { channel: { S: 'all' }, id: { S: 'a' } },
        OldImage: { channel: { S: 'all' }, id: { S: 'a' }, expiresAt: { N: String(now + 30) } },
      }),
    }),
  ]);
  await dynamoDb.close();
});

test('only a time in seconds that passed less than five years ago counts', async () => {
  const { dynamoDb, write, get, removals } = await open();
  const at = clock.now() / 1000 + 60;
  const kept: Record<string, AttributeValue> = {
    now: { N: String(at) },
    future: { N: String(at + 1) },
    milliseconds: { N: String(clock.now()) },
    text: { S: String(at - 1) },
    none: { NULL: true },
    fiveYears: { N: String(at - 5 * 365 * 24 * 3600) },
  };
  for (const [id, expiresAt] of Object.entries(kept)) await write(id, expiresAt);
  await write('past', { N: String(at - 1) });
  await write('longAgo', { N: String(at - 5 * 365 * 24 * 3600 + 1) });
  clock.advance(minute);
  await eventually(() => expect(removals()).toHaveLength(2));
  expect(await get('past')).toEqual({});
  expect(await get('longAgo')).toEqual({});
  for (const id of Object.keys(kept)) expect(await get(id)).toHaveProperty('Item');
  await dynamoDb.close();
});

test('an item whose time is extended just before the deletion stays', async () => {
  const { dynamoDb, write, get, removals } = await open();
  const expired = { N: String(clock.now() / 1000 - 1) };
  for (let n = 0; n < 20; n++) await write(`${n}`, expired);
  clock.advance(minute);
  const putOff = { N: String(clock.now() / 1000 + 3600) };
  await Promise.all(Array.from({ length: 20 }, (_, n) => write(`${n}`, putOff)));
  // The sweep has ended when the next one is scheduled.
  await eventually(() => expect(clock.pending).toBe(1));
  // An item that was deleted had expired, and was written again afterwards.
  for (const { dynamodb } of removals()) expect(dynamodb.OldImage?.expiresAt).toEqual(expired);
  for (let n = 0; n < 20; n++) expect(await get(`${n}`)).toHaveProperty('Item.expiresAt', putOff);
  await dynamoDb.close();
});

test('all expired items of any number of pages are deleted, in every sweep', async () => {
  const { dynamoDb, write, removals } = await open();
  const page = { S: 'x'.repeat(300_000) };
  for (let round = 1; round <= 2; round++) {
    for (let n = 0; n < 5; n++) {
      await dynamoDb.call('PutItem', {
        TableName: 'Connections',
        Item: { channel: { S: 'all' }, id: { S: `${n}` }, page, expiresAt: { N: '1769851800' } },
      });
    }
    await write('small', { N: '1769851800' });
    clock.advance(minute);
    await eventually(() => expect(removals()).toHaveLength(6 * round));
    await eventually(() => expect(clock.pending).toBe(1));
  }
  await dynamoDb.close();
});

test('nothing is deleted if expiry is not enabled, or after closing', async () => {
  const { dynamoDb, write, get } = await open(false);
  await write('a', { N: String(now - 1) });
  expect(clock.pending).toBe(0);
  clock.advance(minute);
  expect(await get('a')).toHaveProperty('Item');
  await dynamoDb.close();

  const enabled = await open();
  expect(clock.pending).toBe(1);
  await enabled.dynamoDb.close();
  expect(clock.pending).toBe(0);
});
