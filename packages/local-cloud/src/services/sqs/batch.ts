import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import { operation } from './operation.ts';
import type { Queues } from './queues.ts';

const MAXIMUM_ENTRIES = 10;

const Batch = z.strictObject({
  QueueUrl: z.string(),
  Entries: z.array(z.looseObject({ Id: z.string() })),
});

/**
 * Returns an operation that runs another one for each entry of a batch. A failed entry does not
 * affect the others.
 */
export function batchOperation(queues: Queues, run: Operation): Operation {
  return operation(Batch, async ({ QueueUrl, Entries }) => {
    queues.find(QueueUrl);
    refuseInvalidIds(Entries.map(({ Id }) => Id));
    const results = await Promise.all(
      Entries.map(async ({ Id, ...entry }) => {
        try {
          return { Id, ...(await run({ QueueUrl, ...entry })) };
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return { Id, SenderFault: true, Code: error.code, Message: error.message };
        }
      }),
    );
    return {
      Successful: results.filter((result) => !('Code' in result)),
      Failed: results.filter((result) => 'Code' in result),
    };
  });
}

function refuseInvalidIds(ids: readonly string[]): void {
  if (ids.length === 0) throw new AwsError('EmptyBatchRequest', 'The batch has no entries.');
  if (ids.length > MAXIMUM_ENTRIES)
    throw new AwsError('TooManyEntriesInBatchRequest', `The batch has over ${MAXIMUM_ENTRIES} entries.`);
  if (new Set(ids).size < ids.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries of the batch have the same Id.');
}
