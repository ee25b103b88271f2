import * as z from 'zod/mini';
import { Stream } from '../../../src/services/dynamodb/stream.ts';
import { DynamoDbStreams } from '../../../src/services/dynamodb/streams-api.ts';
import { streamArn } from '../../../src/services/dynamodb/table-arn.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { appendTo } from './append-to.ts';

const arn = streamArn('arn:aws:dynamodb:eu-west-1:123456789012:table/Posts');
const DAY = 24 * 60 * 60 * 1000;
const shardId = 'shardId-00000000000000000000-00000000';

let clock: ManualClock;
let stream: Stream;
let api: DynamoDbStreams;
beforeEach(() => {
  clock = new ManualClock();
  stream = new Stream({ arn, region: 'eu-west-1', viewType: 'NEW_AND_OLD_IMAGES', keyNames: ['id'], clock });
  api = new DynamoDbStreams([stream]);
});

const append = (...ids: string[]): void => {
  for (const id of ids) appendTo(stream, undefined, { id: { S: id } });
};

async function iterator(place: object): Promise<string> {
  const answer = await api.call('GetShardIterator', { StreamArn: arn, ShardId: shardId, ...place });
  return z.object({ ShardIterator: z.string() }).parse(answer).ShardIterator;
}

const Answer = z.object({
  NextShardIterator: z.string(),
  Records: z.array(
    z.looseObject({
      dynamodb: z.looseObject({
        SequenceNumber: z.string(),
        Keys: z.object({ id: z.object({ S: z.string() }) }),
      }),
    }),
  ),
});

async function read(ShardIterator: string, Limit?: number) {
  const { Records, NextShardIterator } = Answer.parse(await api.call('GetRecords', { ShardIterator, Limit }));
  const sequenceNumbers = Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  return {
    Records,
    sequenceNumbers,
    ids: Records.map(({ dynamodb }) => dynamodb.Keys.id.S),
    NextShardIterator,
  };
}

it('lists and describes the streams', async () => {
  expect(await api.call('ListStreams', {})).toEqual({
    Streams: [{ StreamArn: arn, TableName: 'Posts', StreamLabel: arn.split('/').at(-1) }],
  });
  expect(await api.call('ListStreams', { TableName: 'Other' })).toEqual({ Streams: [] });
  append('one');
  expect(await api.call('DescribeStream', { StreamArn: arn })).toMatchObject({
    StreamDescription: {
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      Shards: [{ ShardId: shardId, SequenceNumberRange: { StartingSequenceNumber: stream.latest } }],
    },
  });
});

it('reads from every type of iterator, page by page', async () => {
  append('one', 'two', 'three');
  const first = await read(await iterator({ ShardIteratorType: 'TRIM_HORIZON' }), 2);
  expect(first.ids).toEqual(['one', 'two']);
  const second = await read(first.NextShardIterator);
  expect(second.ids).toEqual(['three']);
  expect((await read(second.NextShardIterator)).ids).toEqual([]);
  append('four');
  expect((await read(second.NextShardIterator)).ids).toEqual(['four']);
  expect((await read(await iterator({ ShardIteratorType: 'LATEST' }))).ids).toEqual([]);
  const [SequenceNumber] = second.sequenceNumbers;
  const at = await read(await iterator({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber }));
  expect(at.ids).toEqual(['three', 'four']);
  const after = await read(await iterator({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }));
  expect(after.ids).toEqual(['four']);
});

it('returns at most 1 MB per call, but at least one record', async () => {
  const large = { S: 'x'.repeat(390_000) };
  for (const id of ['1', '2', '3', '4']) appendTo(stream, undefined, { id: { S: id }, large });
  const page = await read(await iterator({ ShardIteratorType: 'TRIM_HORIZON' }));
  expect(page.ids).toEqual(['1', '2']);
  expect((await read(page.NextShardIterator)).ids).toEqual(['3', '4']);
});

it('refuses records that are no longer kept', async () => {
  append('one');
  const kept = await iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  const place = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: stream.latest };
  clock.advance(DAY + 1000);
  await expect(read(kept)).rejects.toMatchObject({ code: 'TrimmedDataAccessException' });
  await expect(iterator(place)).rejects.toMatchObject({ code: 'TrimmedDataAccessException' });
});

it.each([
  [
    'GetShardIterator',
    { StreamArn: 'other', ShardId: shardId, ShardIteratorType: 'LATEST' },
    'ResourceNotFoundException',
  ],
  [
    'GetShardIterator',
    { StreamArn: arn, ShardId: shardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER' },
    'ValidationException',
  ],
  ['GetRecords', { ShardIterator: 'AAAA' }, 'ValidationException'],
  ['PutRecord', {}, 'UnknownOperationException'],
])('refuses %s of %j by %s', async (operation, input, code) => {
  await expect(api.call(operation, input)).rejects.toMatchObject({ code });
});

it("names the identity behind a deletion like the API, not like Lambda's event", async () => {
  const principalId = 'dynamodb.amazonaws.com';
  appendTo(stream, { id: { S: 'one' } }, undefined, { userIdentity: { type: 'Service', principalId } });
  const { Records } = await read(await iterator({ ShardIteratorType: 'TRIM_HORIZON' }));
  expect(Records[0]).toMatchObject({ userIdentity: { Type: 'Service', PrincipalId: principalId } });
  expect(Records[0]).not.toHaveProperty('eventSourceARN');
});
