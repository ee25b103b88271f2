import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as fc from 'fast-check';
import { AwsError, localTable } from 'local-cloud/fixtures/local-table';
import { ManualClock } from 'local-cloud/fixtures/manual-clock';
import { REQUEST_LIMITS_TABLE } from '../../../lambdas/subscriptions/environment.ts';
import { giveBack, take } from '../../../lambdas/subscriptions/rate-limit.ts';
import { mockTables } from '../table-mock.ts';

process.env[REQUEST_LIMITS_TABLE] = 'limits';
const HOUR = 3_600_000;

const clock = new ManualClock();
jest.spyOn(Date, 'now').mockImplementation(() => clock.now());

const client = mockTables();
// Without expiry, since DynamoDB deletes expired items with any delay.
const callDynamoDb = localTable('limits', ['limit'], clock);

/** Answers by the local DynamoDB, as the service does behind the client. */
async function answer(operation: string, { Item, Key, ExpressionAttributeValues, ...input }: Input) {
  try {
    return await callDynamoDb(operation, {
      ...input,
      ...(Item && { Item: marshall(Item) }),
      ...(Key && { Key: marshall(Key) }),
      ...(ExpressionAttributeValues && { ExpressionAttributeValues: marshall(ExpressionAttributeValues) }),
    });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
    throw new ConditionalCheckFailedException({ $metadata: {}, message: error.message, ...error.fields });
  }
}

interface Input {
  Item?: Record<string, unknown>;
  Key?: Record<string, unknown>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

beforeEach(() => {
  client.reset();
  client.on(PutCommand).callsFake((input) => answer('PutItem', input));
  client.on(UpdateCommand).callsFake((input) => answer('UpdateItem', input));
  client.on(DeleteCommand).callsFake((input) => answer('DeleteItem', input));
});

test('allows uses up to the limit, and returns how long the next one must wait', async () => {
  for (let use = 0; use < 5; use++) {
    expect(await take('ip#1', 5)).toBe(0);
    clock.advance(60_000);
  }
  expect(await take('ip#1', 5)).toBe(3300);
  expect(await take('ip#2', 5)).toBe(0);
  clock.advance(HOUR - 5 * 60_000 - 1);
  expect(await take('ip#1', 5)).toBe(1);
  clock.advance(1);
  expect(await take('ip#1', 5)).toBe(0);
  expect(await take('ip#1', 5)).toBe(0);
});

test('calls the table once to start an hour, and once to refuse', async () => {
  await take('address#1', 1);
  expect(await take('address#1', 1)).toBe(3600);
  expect(client.calls()).toHaveLength(2);
});

test('allows no more concurrent uses than the limit', async () => {
  const waits = await Promise.all(Array.from({ length: 2 }, () => take('address#2', 1)));
  expect(waits.sort((a, b) => a - b)).toEqual([0, 3600]);
  const many = await Promise.all(Array.from({ length: 12 }, () => take('ip#3', 5)));
  expect(many.filter((seconds) => seconds === 0)).toHaveLength(5);
});

test('allows another use after one was given back', async () => {
  await take('address#3', 1);
  await giveBack('address#3');
  expect(await take('address#3', 1)).toBe(0);
  expect(await take('address#3', 1)).toBeGreaterThan(0);
});

test('counts a use once if the call is repeated after its answer was lost', async () => {
  // The SDK retries such a call.
  client.on(PutCommand).callsFake(async (input) => {
    await answer('PutItem', input).catch(() => undefined);
    return answer('PutItem', input);
  });
  client.on(UpdateCommand).callsFake(async (input) => {
    await answer('UpdateItem', input).catch(() => undefined);
    return answer('UpdateItem', input);
  });
  expect(await take('address#4', 1)).toBe(0);
  expect(await take('address#4', 1)).toBe(3600);
  for (let use = 0; use < 3; use++) expect(await take('ip#4', 3)).toBe(0);
  expect(await take('ip#4', 3)).toBe(3600);
});

test('starts again if the row is deleted between the two steps', async () => {
  await take('ip#5', 5);
  client.on(UpdateCommand).callsFakeOnce(async (input) => {
    await giveBack('ip#5');
    return answer('UpdateItem', input);
  });
  expect(await take('ip#5', 5)).toBe(0);
});

test('throws the error of the table', async () => {
  client.on(PutCommand).rejects(new Error('unreachable'));
  await expect(take('ip#6', 5)).rejects.toThrow('unreachable');
});

test('never allows more uses than the limit within an hour from the first', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.record({ wait: fc.integer({ min: 0, max: HOUR }), uses: fc.integer({ min: 1, max: 4 }) }), {
        maxLength: 12,
      }),
      async (max, visits) => {
        const limit = `ip#run-${runs++}`;
        let begun = Number.NEGATIVE_INFINITY;
        let used = 0;
        for (const { wait, uses } of visits) {
          clock.advance(wait);
          const now = clock.now();
          // An hour ends at a full second.
          if (now >= Math.ceil(begun / 1000) * 1000 + HOUR) [begun, used] = [now, 0];
          const waits = await Promise.all(Array.from({ length: uses }, () => take(limit, max)));
          const passed = waits.filter((seconds) => seconds === 0).length;
          expect(passed).toBe(Math.min(uses, max - used));
          used += passed;
          const end = Math.ceil(begun / 1000) + HOUR / 1000;
          for (const seconds of waits) if (seconds > 0) expect(seconds).toBe(Math.ceil(end - now / 1000));
        }
      },
    ),
    { numRuns: 50 },
  );
});
