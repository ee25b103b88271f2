import * as z from 'zod/mini';
import { parseInput } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { SHARD_ID, type Stream, type StreamRecord } from './stream.ts';
import { parseStreamArn } from './table-arn.ts';

/** The size limit of a page, which also has at most 1,000 records (API Reference, `GetRecords`). */
const MAXIMUM_BYTES = 1024 ** 2;
const MAXIMUM_RECORDS = 1000;

const digits = z.string().check(z.regex(/^\d{21,40}$/));
const place = { StreamArn: z.string(), ShardId: z.literal(SHARD_ID) };
const Place = z.discriminatedUnion('ShardIteratorType', [
  z.strictObject({ ...place, ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST']) }),
  z.strictObject({
    ...place,
    ShardIteratorType: z.enum(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
    SequenceNumber: digits,
  }),
]);
const Page = z.strictObject({
  ShardIterator: z.string(),
  Limit: z._default(z.int().check(z.gte(1), z.lte(MAXIMUM_RECORDS)), MAXIMUM_RECORDS),
});
const StreamName = z.strictObject({ StreamArn: z.string() });
const TableName = z.strictObject({ TableName: z.optional(z.string()) });

/**
 * Emulates the API with which programs read streams. Every stream has one shard, and iterators
 * never expire.
 * Source: Amazon DynamoDB Streams API Reference.
 */
export class DynamoDbStreams implements Service {
  readonly #streams: readonly Stream[];

  constructor(streams: readonly Stream[]) {
    this.#streams = streams;
  }

  async call(operation: string, input: unknown): Promise<object> {
    if (operation === 'ListStreams') return this.#list(parseInput(TableName, input, invalid).TableName);
    if (operation === 'DescribeStream')
      return this.#describe(this.#stream(parseInput(StreamName, input, invalid).StreamArn));
    if (operation === 'GetShardIterator') return this.#iterator(parseInput(Place, input, invalid));
    if (operation === 'GetRecords') return this.#records(parseInput(Page, input, invalid));
    throw new AwsError('UnknownOperationException', `The local streams do not support ${operation}.`);
  }

  #list(tableName: string | undefined): object {
    const streams = this.#streams.filter(
      (stream) => tableName === undefined || stream.tableName === tableName,
    );
    return { Streams: streams.map(nameOf) };
  }

  #describe(stream: Stream): object {
    return {
      StreamDescription: {
        ...nameOf(stream),
        StreamStatus: 'ENABLED',
        StreamViewType: stream.viewType,
        Shards: [{ ShardId: SHARD_ID, SequenceNumberRange: { StartingSequenceNumber: stream.oldest } }],
      },
    };
  }

  #iterator(input: z.infer<typeof Place>): object {
    const stream = this.#stream(input.StreamArn);
    if (!('SequenceNumber' in input)) {
      const isLatest = input.ShardIteratorType === 'LATEST';
      return iterator(stream, isLatest ? BigInt(stream.latest) + 1n : BigInt(stream.oldest));
    }
    const next = BigInt(input.SequenceNumber) + (input.ShardIteratorType === 'AT_SEQUENCE_NUMBER' ? 0n : 1n);
    refuseTrimmed(stream, next);
    return iterator(stream, next);
  }

  #records({ ShardIterator, Limit }: z.infer<typeof Page>): object {
    const { streamArn, next } = placeOf(ShardIterator);
    const stream = this.#stream(streamArn);
    refuseTrimmed(stream, next);
    let bytes = 0;
    const records = stream.read(String(next - 1n), Limit).map(({ record }) => record);
    const page = records.filter(({ dynamodb }, index) => {
      bytes += dynamodb.SizeBytes;
      return index === 0 || bytes <= MAXIMUM_BYTES;
    });
    const last = page.at(-1)?.dynamodb.SequenceNumber;
    const { ShardIterator: NextShardIterator } = iterator(stream, last ? BigInt(last) + 1n : next);
    return { Records: page.map(apiRecord), NextShardIterator };
  }

  #stream(arn: string): Stream {
    const stream = this.#streams.find((candidate) => candidate.arn === arn);
    if (!stream) {
      const message = `Requested resource not found: Stream: ${arn} not found`;
      throw new AwsError('ResourceNotFoundException', message);
    }
    return stream;
  }
}

/**
 * Returns the position of an iterator: its stream, and the sequence number of the next record.
 * @throws {AwsError} if the iterator is invalid
 */
export function placeOf(shardIterator: string): { streamArn: string; next: bigint } {
  const [streamArn = '', next = ''] = Buffer.from(shardIterator, 'base64').toString('utf8').split(' ');
  if (!digits.safeParse(next).success) throw invalid('ShardIterator', 'Invalid ShardIterator');
  return { streamArn, next: BigInt(next) };
}

function iterator({ arn }: Stream, next: bigint): { ShardIterator: string } {
  return { ShardIterator: Buffer.from(`${arn} ${next}`).toString('base64') };
}

function refuseTrimmed(stream: Stream, next: bigint): void {
  if (next < BigInt(stream.oldest)) {
    const message = 'The operation attempted to read past the oldest stream record in a shard.';
    throw new AwsError('TrimmedDataAccessException', message);
  }
}

function nameOf({ arn, tableName }: Stream): object {
  return { StreamArn: arn, TableName: tableName, StreamLabel: parseStreamArn(arn).label };
}

/**
 * Returns a record as the API shows it: without the stream's ARN, which only Lambda's event has,
 * and with capitalized fields of the user's identity.
 */
function apiRecord({ eventSourceARN: _, userIdentity, ...record }: StreamRecord): object {
  if (!userIdentity) return record;
  return { ...record, userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId } };
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('ValidationException', `${parameter}: ${reason}`);
}
