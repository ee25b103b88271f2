import {
  type _Record,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { StreamBatch } from './dead-letter.ts';

/**
 * The number of empty pages in a row after which the remaining records of a batch count as gone.
 */
const emptyPages = 20;

/**
 * Yields the records of a batch, page by page, from the first to the last. They include records
 * that the filter of the function's event source mapping excludes.
 * @throws {StreamRecordsGone} if the stream no longer holds them: it keeps a record for 24 hours
 */
export async function* streamRecords(
  client: DynamoDBStreamsClient,
  { streamArn, shardId, startSequenceNumber, endSequenceNumber }: StreamBatch,
): AsyncGenerator<_Record[]> {
  const end = BigInt(endSequenceNumber);
  try {
    let { ShardIterator: iterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        SequenceNumber: startSequenceNumber,
      }),
    );
    for (let empty = 0; iterator && empty < emptyPages; ) {
      const { Records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      const isWithin = (record: _Record): boolean => sequenceNumber(record) <= end;
      yield Records.filter(isWithin);
      if (Records.some((record) => sequenceNumber(record) >= end)) return;
      empty = Records.length > 0 ? 0 : empty + 1;
      iterator = NextShardIterator;
    }
  } catch (cause) {
    if (cause instanceof TrimmedDataAccessException || cause instanceof ResourceNotFoundException)
      throw new StreamRecordsGone('The stream no longer holds the records.', { cause });
    throw cause;
  }
  throw new StreamRecordsGone('The stream ends before the last record of the batch.');
}

/** Thrown if the stream no longer holds the records of a batch. */
export class StreamRecordsGone extends Error {}

function sequenceNumber({ dynamodb }: _Record): bigint {
  return BigInt(dynamodb?.SequenceNumber ?? 0);
}
