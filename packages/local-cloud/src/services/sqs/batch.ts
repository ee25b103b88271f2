import * as z from 'zod/mini';
import type { Operation } from '../../core/operation.ts';
import { AwsError } from '../../core/service.ts';
import { MessageAttributes, sizeOfMessageAttributes } from './message-attributes.ts';
import { operation } from './operation.ts';
import type { Queues } from './queues.ts';

/** Source: Amazon SQS API Reference, `SendMessageBatch`. */
const MAXIMUM_ENTRIES = 10;
const MAXIMUM_BYTES = 1_048_576;

const Batch = z.strictObject({
  QueueUrl: z.string(),
  Entries: z.array(z.looseObject({ Id: z.string() })),
});

/** A message of a batch, as far as its size is concerned. */
const SizedEntry = z.object({
  MessageBody: z.string(),
  MessageAttributes: z._default(MessageAttributes, {}),
});

/**
 * Returns an operation that runs another one for each entry of a batch. A failed entry does not
 * affect the others.
 * @param name the name of the operation on one entry, e.g. `SendMessage`
 */
export function batchOperation(queues: Queues, name: string, run: Operation): Operation {
  return operation(Batch, async ({ QueueUrl, Entries }, cause) => {
    queues.find(QueueUrl);
    if (Entries.length === 0)
      throw new AwsError(
        'EmptyBatchRequest',
        `There should be at least one ${name}BatchRequestEntry in the request.`,
      );
    refuseInvalidIds(Entries.map(({ Id }) => Id));
    refuseLongBatch(Entries);
    const results = await Promise.all(
      Entries.map(async ({ Id, ...entry }) => {
        try {
          return { Id, ...(await run({ QueueUrl, ...entry }, cause)) };
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          // As recorded: SQS has other words for the same reason in a batch.
          const Message = error.message.replace('parameters are invalid.', 'parameters cannot be validated.');
          return { Id, SenderFault: error.status < 500, Code: error.code, Message };
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
  if (ids.length > MAXIMUM_ENTRIES)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAXIMUM_ENTRIES}. You have sent ${ids.length}.`,
    );
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id)))
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  const repeated = ids.find((id, index) => ids.indexOf(id) < index);
  if (repeated !== undefined) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}

/** Refuses a batch of messages that together exceed the limit, whatever the limit of the queue. */
function refuseLongBatch(entries: readonly unknown[]): void {
  const size = entries.reduce<number>((sum, entry) => {
    const { data } = SizedEntry.safeParse(entry);
    if (!data) return sum;
    return sum + Buffer.byteLength(data.MessageBody) + sizeOfMessageAttributes(data.MessageAttributes);
  }, 0);
  if (size > MAXIMUM_BYTES)
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAXIMUM_BYTES} bytes. You have sent ${size} bytes.`,
    );
}
