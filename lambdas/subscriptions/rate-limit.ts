import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { REQUEST_LIMITS_TABLE } from './environment.ts';

const hourSeconds = 3600;

/** The life of a pending subscription (Amazon SNS API Reference, "Subscribe"). */
export const pendingSeconds = 48 * hourSeconds;

/**
 * An item of the RequestLimits table: a window that began with its first use. The key is `limit`.
 */
const Window = z.object({
  used: z.number(),
  /**
   * Seconds since the epoch. DynamoDB may delete the item days later, so every condition compares
   * it.
   */
  expiresAt: z.number(),
  /**
   * The use counted last, by which a retry of the SDK after a lost response recognizes its own use.
   */
  lastUse: z.string(),
});
type Window = z.infer<typeof Window>;

/**
 * Counts one use against a limit, unless `max` uses are already counted within the window that
 * began with the first of them, an hour unless stated. Concurrent uses do not exceed `max` either.
 * @returns the seconds to wait, 0 if the use is counted
 */
export async function take(limit: string, max: number, windowSeconds = hourSeconds): Promise<number> {
  const use = randomUUID();
  // If the window ends between the two steps, or another use comes first, the second round decides.
  for (let round = 0; round < 2; round++) {
    const now = Date.now() / 1000;
    const window = await begin(limit, use, { now, windowSeconds });
    if (window === undefined || window.lastUse === use) return 0;
    if (window.used >= max) return Math.ceil(window.expiresAt - now);
    if (await count(limit, max, use, now)) return 0;
  }
  return 1;
}

/** Gives back the use of a limit that allows one use, so that it can be taken again. */
export async function giveBack(limit: string): Promise<void> {
  await table.send(
    new DeleteItemCommand({ TableName: environment(REQUEST_LIMITS_TABLE), Key: marshall({ limit }) }),
  );
}

/** Begins a window with its first use. Returns the current window instead if it has not ended. */
async function begin(
  limit: string,
  use: string,
  { now, windowSeconds }: { now: number; windowSeconds: number },
): Promise<Window | undefined> {
  const window: Window = { used: 1, expiresAt: Math.ceil(now) + windowSeconds, lastUse: use };
  const write = await conditionally(
    table.send(
      new PutItemCommand({
        TableName: environment(REQUEST_LIMITS_TABLE),
        Item: marshall({ limit, ...window }),
        ConditionExpression: 'attribute_not_exists(expiresAt) OR expiresAt <= :now',
        ExpressionAttributeValues: marshall({ ':now': now }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );
  return write.done ? undefined : parse(Window, write.stored, 'The stored limit');
}

/** Counts a further use. Returns false if the window has no room for it. */
async function count(limit: string, max: number, use: string, now: number): Promise<boolean> {
  const { done } = await conditionally(
    table.send(
      new UpdateItemCommand({
        TableName: environment(REQUEST_LIMITS_TABLE),
        Key: marshall({ limit }),
        ConditionExpression: 'expiresAt > :now AND used < :max AND lastUse <> :use',
        UpdateExpression: 'ADD used :one SET lastUse = :use',
        ExpressionAttributeValues: marshall({ ':now': now, ':max': max, ':one': 1, ':use': use }),
      }),
    ),
  );
  return done;
}
