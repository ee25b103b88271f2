import { Stream } from '../../../src/services/dynamodb/stream.ts';
import { causeOfBatch, StreamBatchReader } from '../../../src/services/lambda/stream-batch.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { appendTo } from '../dynamodb/append-to.ts';

const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Posts/stream/1';
const text = 'x'.repeat(1024 ** 2);

it('holds records until they are done, and releases them then', async () => {
  const clock = new ManualClock();
  const stream = new Stream({ arn, region: 'eu-west-1', viewType: 'NEW_IMAGE', keyNames: ['id'], clock });
  const reader = new StreamBatchReader(
    stream,
    { after: undefined, wants: ({ dynamodb }) => dynamodb.Keys.id?.S !== '1', batchSize: 3, windowMs: 0 },
    clock,
  );
  for (let n = 0; n < 80; n++) appendTo(stream, undefined, { id: { S: String(n) }, text: { S: text } });
  const kept = () => stream.read(undefined, 100).map(({ record }) => record.dynamodb.Keys.id?.S);
  expect(kept()).toHaveLength(80);
  const batch = await reader.next();
  expect(batch.map(({ record }) => record.dynamodb.Keys.id?.S)).toEqual(['0', '2', '3']);
  expect(kept()[0]).toBe('0');
  reader.finish();
  expect(kept()[0]).toBe('4');
});

it('has the cause of the first record for an item with several records', () => {
  const clock = new ManualClock();
  const stream = new Stream({ arn, region: 'eu-west-1', viewType: 'NEW_IMAGE', keyNames: ['id'], clock });
  const change = (id: string, trace: string) =>
    appendTo(stream, undefined, { id: { S: id }, text: { S: trace } }, { cause: { trace } });
  change('1', 'one');
  change('1', 'two');
  change('2', 'three');
  const members = new Map([
    ['1', { trace: 'one' }],
    ['2', { trace: 'three' }],
  ]);
  expect(causeOfBatch(stream.read(undefined, 10))).toEqual({ trace: 'one', members });
});
