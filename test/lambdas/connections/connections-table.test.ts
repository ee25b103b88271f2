import { setImmediate } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { eventually } from 'local-cloud/fixtures/eventually';
import { AwsError, localTable } from 'local-cloud/fixtures/local-table';
import * as z from 'zod/mini';
import {
  addConnection,
  isRegistered,
  joinChannels,
  leaveChannels,
  removeConnection,
} from '../../../lambdas/connections/connections-table.ts';
import { CONNECTIONS_TABLE } from '../../../lambdas/connections/environment.ts';
import { connectionKey } from '../../../model/connection.ts';
import { mockTables } from '../table-mock.ts';

process.env[CONNECTIONS_TABLE] = 'connections';

const table = mockTables();
const callDynamoDb = localTable('connections', ['channel', 'connectionId']);

const Output = z.looseObject({
  Item: z.optional(z.custom<Parameters<typeof unmarshall>[0]>()),
  Attributes: z.optional(z.custom<Parameters<typeof unmarshall>[0]>()),
});

/** Connects the table's client to the local DynamoDB. Each call awaits `turn` first. */
function connectTable(turn: (operation: string) => Promise<unknown>): void {
  const call = (operation: string) => async (input: object) => {
    await turn(operation);
    const marshalled = Object.entries(input).map(([name, value]) => [
      name,
      ['Item', 'Key', 'ExpressionAttributeValues'].includes(name) ? marshall(value) : value,
    ]);
    try {
      const answer = await callDynamoDb(operation, Object.fromEntries(marshalled));
      const { Item, Attributes } = Output.parse(answer);
      return {
        ...(Item && { Item: unmarshall(Item) }),
        ...(Attributes && { Attributes: unmarshall(Attributes) }),
      };
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException')
        throw new ConditionalCheckFailedException({ message: error.message, $metadata: {} });
      throw error;
    }
  };
  table.reset();
  table.on(PutCommand).callsFake(call('PutItem'));
  table.on(GetCommand).callsFake(call('GetItem'));
  table.on(UpdateCommand).callsFake(call('UpdateItem'));
  table.on(DeleteCommand).callsFake(call('DeleteItem'));
}

const Scanned = z.object({ Items: z.array(z.custom<Parameters<typeof unmarshall>[0]>()) });
const Row = z.object({ channel: z.string(), channels: z.optional(z.set(z.string())) });

/** Returns the channels named in the connection's item, if it exists, and the channels of its memberships. */
async function rows() {
  const { Items } = Scanned.parse(await callDynamoDb('Scan', { TableName: 'connections' }));
  const all = Items.map((item) => Row.parse(unmarshall(item)));
  const own = all.find(({ channel }) => channel === connectionKey('c').channel);
  return {
    names: own && [...(own.channels ?? [])].sort(),
    memberships: all.flatMap((row) => (row === own ? [] : row.channel)).sort(),
  };
}

const connection = { connectionId: 'c', connectedAt: '2026-01-31T09:30:00.000Z' };
const change = fc.record({
  join: fc.boolean(),
  channels: fc.constantFrom<string[]>(['a'], ['b'], ['a', 'created#a']),
});
const begin = (changes: { join: boolean; channels: string[] }[]) =>
  changes.map(({ join, channels }) =>
    join ? joinChannels(connection, channels) : leaveChannels(connection, channels),
  );

/** Resets the table to one connection in these channels. */
async function connect(...channels: string[]): Promise<void> {
  connectTable(async () => {});
  await removeConnection('c');
  await addConnection(connection, channels, new AbortController().signal);
}

/** Returns whether the work throws when its nth call fails, counted from 1. */
async function failsAt(call: number, work: () => Promise<void>): Promise<boolean> {
  let calls = 0;
  connectTable(async () => {
    if (++calls === call) throw new Error('throttled');
  });
  return work().then(
    () => false,
    () => true,
  );
}

test('memberships match the channels that the item names, however joins and leaves interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(change, { minLength: 2, maxLength: 5 }), async (s, changes) => {
      await connect('a');
      connectTable((operation) => s.schedule(Promise.resolve(), operation));
      await s.waitFor(Promise.all(begin(changes)));
      const { names, memberships } = await rows();
      expect(memberships).toEqual(names);
    }),
    { numRuns: 50 },
  );
}, 30_000);

test('removing a connection leaves nothing behind, however the calls interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(change, { minLength: 1, maxLength: 4 }), async (s, changes) => {
      await connect('a');
      connectTable((operation) => s.schedule(Promise.resolve(), operation));
      const removals = [removeConnection('c'), removeConnection('c', ['a'])];
      await s.waitFor(Promise.all([...begin(changes), ...removals]));
      expect(await rows()).toEqual({ names: undefined, memberships: [] });
    }),
    { numRuns: 50 },
  );
}, 30_000);

// An update, two memberships, the item.
test.each([1, 2, 3, 4])('a second removal completes one whose call %i failed', async (call) => {
  await connect('a', 'b');
  expect(await failsAt(call, () => removeConnection('c'))).toBe(true);
  const { names, memberships } = await rows();
  expect(names).toEqual(expect.arrayContaining(memberships));
  expect(await failsAt(Infinity, () => removeConnection('c'))).toBe(false);
  expect(await rows()).toEqual({ names: undefined, memberships: [] });
});

// The membership, its name, the membership again, the check.
test.each([1, 2, 3, 4])(
  'the item names every remaining membership after call %i of leaving a channel fails',
  async (call) => {
    await connect('a', 'b');
    expect(await failsAt(call, () => leaveChannels(connection, ['a']))).toBe(true);
    const { names, memberships } = await rows();
    expect(names).toEqual(expect.arrayContaining(memberships));
    expect(await failsAt(Infinity, () => leaveChannels(connection, ['a']))).toBe(false);
    expect(await rows()).toEqual({ names: ['b'], memberships: ['b'] });
  },
);

test.each([
  ['join', joinChannels],
  ['leave', leaveChannels],
])('a %s that fails ends after its last write', async (_, work) => {
  await connect('a');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let writes = 0;
  connectTable(async (operation) => {
    if (operation === 'UpdateItem') return;
    if (++writes === 1) throw new Error('throttled');
    await released;
  });
  const ended = jest.fn();
  const working = work(connection, ['a', 'created#a']).finally(ended);
  working.catch(() => {});
  await eventually(() => expect(writes).toBe(2));
  await setImmediate();
  expect(ended).not.toHaveBeenCalled();
  release();
  await expect(working).rejects.toThrow('throttled');
});

test('joinChannels returns why a connection cannot join', async () => {
  await connect(...Array.from({ length: 99 }, (_, n) => `channel ${n}`));
  expect(await joinChannels(connection, ['one more', 'another'])).toBe('full');
  expect((await rows()).names).toHaveLength(99);
  expect(await joinChannels(connection, ['one more'])).toBe('joined');
  expect(await joinChannels(connection, ['another'])).toBe('full');
  expect(await joinChannels(connection, ['channel 7', 'one more'])).toBe('joined');
  expect(await joinChannels(connection, ['channel 7', 'another'])).toBe('full');
  await removeConnection('c');
  expect(await joinChannels(connection, ['one more'])).toBe('not registered');
  expect(await rows()).toEqual({ names: undefined, memberships: [] });
});

test('isRegistered changes nothing, and is false before the connect and after the removal', async () => {
  expect(await isRegistered('c')).toBe(false);
  expect(await rows()).toEqual({ names: undefined, memberships: [] });
  await connect('a');
  expect(await isRegistered('c')).toBe(true);
  expect(await rows()).toEqual({ names: ['a'], memberships: ['a'] });
  await failsAt(2, () => removeConnection('c'));
  expect(await isRegistered('c')).toBe(false);
  await removeConnection('c');
  expect(await isRegistered('c')).toBe(false);
});
