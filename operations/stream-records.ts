import {
  type _Record,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { StreamBatch } from './dead-letter.ts';

/** Pages without a record that are read before the rest of a batch counts as not to be had. */
const emptyPages = 20;

/**
 * Reads the records of a batch again, page by page, from its first to its last. There may be records among them that
 * the function would never have got, for its filter.
 * @throws {StreamRecordsGone} when the stream no longer holds them: it keeps a record for 24 hours
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

/** The records of a batch cannot be read again. */
export class StreamRecordsGone extends Error {}

function sequenceNumber({ dynamodb }: _Record): bigint {
  return BigInt(dynamodb?.SequenceNumber ?? 0);
}
