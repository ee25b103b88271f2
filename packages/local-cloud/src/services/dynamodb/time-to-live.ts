import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { AwsError } from '../../core/service.ts';

/** A table whose items expire. */
export interface ExpiringTable {
  name: string;
  keyNames: string[];
  /** The attribute with the expiry of an item, in seconds since the epoch. */
  attributeName: string;
}

const SWEEP_MS = 60_000;
const FIVE_YEARS_SECONDS = 5 * 365 * 24 * 60 * 60;

const Page = z.object({
  Items: z.array(z.record(z.string(), z.unknown())),
  LastEvaluatedKey: z.optional(z.unknown()),
});

/**
 * Deletes expired items: those whose attribute is a time in seconds, in the past by less than five
 * years. Until it is deleted, an expired item is readable and writable, and an item whose expiry is
 * postponed in the meantime stays. Runs once a minute, while AWS may take a few days.
 * Source: DynamoDB Developer Guide, "Using time to live (TTL) in DynamoDB".
 */
export class TimeToLive {
  readonly #tables: ExpiringTable[];
  readonly #call: (operation: string, input: object) => Promise<object>;
  readonly #clock: Clock;
  #stopped = false;
  #callOff = () => {};
  #sweeping = Promise.resolve();

  /** @param call performs an operation of DynamoDB in the name of the service */
  constructor(
    tables: ExpiringTable[],
    call: (operation: string, input: object) => Promise<object>,
    clock: Clock,
  ) {
    this.#tables = tables;
    this.#call = call;
    this.#clock = clock;
    if (tables.length > 0) this.#schedule();
  }

  /** Stops, and resolves once no deletion is in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff();
    await this.#sweeping;
  }

  #schedule(): void {
    this.#callOff = this.#clock.schedule(() => {
      this.#sweeping = this.#sweep().catch((error: unknown) => console.error(error));
    }, SWEEP_MS);
  }

  async #sweep(): Promise<void> {
    try {
      for (const table of this.#tables) await this.#deleteExpired(table);
    } finally {
      if (!this.#stopped) this.#schedule();
    }
  }

  async #deleteExpired({ name, keyNames, attributeName }: ExpiringTable): Promise<void> {
    const now = Math.floor(this.#clock.now() / 1000);
    const expired = '#expiry < :now AND #expiry > :fiveYearsAgo';
    const request = {
      TableName: name,
      ExpressionAttributeNames: { '#expiry': attributeName },
      ExpressionAttributeValues: {
        ':now': { N: String(now) },
        ':fiveYearsAgo': { N: String(now - FIVE_YEARS_SECONDS) },
      },
    };
    let last: unknown;
    do {
      const page = Page.parse(
        await this.#call('Scan', {
          ...request,
          FilterExpression: expired,
          ...(last !== undefined && { ExclusiveStartKey: last }),
        }),
      );
      for (const item of page.Items) {
        const Key = Object.fromEntries(keyNames.map((keyName) => [keyName, item[keyName]]));
        await this.#call('DeleteItem', { ...request, Key, ConditionExpression: expired }).catch(ifStillThere);
      }
      last = page.LastEvaluatedKey;
    } while (last !== undefined && !this.#stopped);
  }
}

/**
 * Ignores the error of an item whose expiry was postponed, or that was deleted, after it was read.
 */
function ifStillThere(error: unknown): void {
  if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
}
