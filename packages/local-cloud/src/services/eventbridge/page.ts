import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import { constrained } from './constraints.ts';

/** The parameters of every operation that returns a page of a list. */
export const pageParameters = {
  NextToken: z.optional(constrained(1, 2048)),
  Limit: z._default(
    z
      .int()
      .check(
        z.gte(1, 'Member must have value greater than or equal to 1'),
        z.lte(100, 'Member must have value less than or equal to 100'),
      ),
    100,
  ),
};

/**
 * Returns a page of a list, and the token of the next page if there is one.
 * @throws {AwsError} `ValidationException` for a token that no page had
 */
export function pageOf<Item>(
  items: readonly Item[],
  { NextToken, Limit }: { NextToken?: string | undefined; Limit: number },
): { items: Item[]; NextToken?: string } {
  const start = NextToken === undefined ? '0' : Buffer.from(NextToken, 'base64').toString();
  if (!/^\d+$/.test(start)) throw new AwsError('ValidationException', 'Parameter NextToken is not valid.');
  const end = Number(start) + Limit;
  return {
    items: items.slice(Number(start), end),
    ...(end < items.length && { NextToken: Buffer.from(String(end)).toString('base64') }),
  };
}

/**
 * Checks that at most one of the filters of a list is set.
 * @throws {AwsError} `ValidationException`
 */
export function requireOneFilter(
  operation: string,
  filters: {
    NamePrefix?: string | undefined;
    EventSourceArn?: string | undefined;
    State?: string | undefined;
  },
): void {
  const { NamePrefix, EventSourceArn, State } = filters;
  if ([NamePrefix, EventSourceArn, State].filter((filter) => filter !== undefined).length <= 1) return;
  throw new AwsError(
    'ValidationException',
    `At most one filter is allowed for ${operation}. Use either : State, EventSourceArn, or NamePrefix.`,
  );
}
