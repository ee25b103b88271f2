import { setImmediate } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Clock } from '../../../src/core/clock.ts';
import { Stream } from '../../../src/services/dynamodb/stream.ts';
import { streamArn } from '../../../src/services/dynamodb/table-arn.ts';
import type { StreamViewType } from '../../../src/services/dynamodb/table-resource.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { appendTo } from './append-to.ts';

const arn = streamArn('arn:aws:dynamodb:eu-west-1:123456789012:table/Posts');
const hourMs = 60 * 60 * 1000;

function newStream(viewType: StreamViewType = 'NEW_AND_OLD_IMAGES', clock: Clock = new ManualClock()) {
  return new Stream({ arn, region: 'eu-west-1', viewType, keyNames: ['id'], clock });
}

function read(stream: Stream, after?: string, limit = 1_000) {
  return stream.read(after, limit).map(({ record }) => record);
}

const before = { id: { S: '1' }, title: { S: 'Old' } };
const after = { id: { S: '1' }, title: { S: 'New' } };

describe('a record', () => {
  test("has the form of Lambda's DynamoDB event", () => {
    const stream = newStream();
    appendTo(stream, before, after);
    const records: DynamoDBRecord[] = read(stream);
    expect(records).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'MODIFY',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'eu-west-1',
        dynamodb: {
          ApproximateCreationDateTime: Date.parse('2026-01-31T09:30:00Z') / 1000,
          Keys: { id: { S: '1' } },
          NewImage: after,
          OldImage: before,
          SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
          // Bytes of names and values: 3 for the keys, 3 + 5 + 3 for each image.
          SizeBytes: 3 + 11 + 11,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: arn,
      },
    ]);
  });

  test.each([
    ['KEYS_ONLY', [false, false]],
    ['NEW_IMAGE', [true, false]],
    ['OLD_IMAGE', [false, true]],
    ['NEW_AND_OLD_IMAGES', [true, true]],
  ] as const)('holds the images of view type %s', (viewType, images) => {
    const stream = newStream(viewType);
    appendTo(stream, before, after);
    const [record] = read(stream);
    expect(record?.dynamodb.Keys).toEqual({ id: { S: '1' } });
    expect([record?.dynamodb.NewImage !== undefined, record?.dynamodb.OldImage !== undefined]).toEqual(
      images,
    );
  });

  test('has the event name of the change', () => {
    const stream = newStream();
    appendTo(stream, undefined, before);
    appendTo(stream, before, after);
    appendTo(stream, after, undefined);
    expect(read(stream).map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
  });

  test('is not created by a write that changes nothing', () => {
    const stream = newStream();
    appendTo(stream, undefined, undefined);
    appendTo(stream, before, { title: { S: 'Old' }, id: { S: '1' } });
    appendTo(
      stream,
      { id: { S: '1' }, tags: { SS: ['a', 'b'] } },
      { id: { S: '1' }, tags: { SS: ['b', 'a'] } },
    );
    expect(stream.read(undefined, 10)).toEqual([]);
    appendTo(
      stream,
      { id: { S: '1' }, list: { L: [{ S: 'a' }, { S: 'b' }] } },
      { id: { S: '1' }, list: { L: [{ S: 'b' }, { S: 'a' }] } },
    );
    expect(stream.read(undefined, 10)).toHaveLength(1);
  });
});

describe('reading', () => {
  function sequenceNumbers(stream: Stream, after: string | undefined, limit = 10) {
    return read(stream, after, limit).map(({ dynamodb }) => dynamodb.SequenceNumber);
  }

  test('continues after a sequence number, in pages', () => {
    const stream = newStream();
    for (let n = 0; n < 5; n++) appendTo(stream, undefined, { id: { S: String(n) } });
    const all = sequenceNumbers(stream, undefined);
    expect(all).toHaveLength(5);
    expect([...all].sort()).toEqual(all);
    expect(sequenceNumbers(stream, undefined, 2)).toEqual(all.slice(0, 2));
    expect(sequenceNumbers(stream, all[1], 2)).toEqual(all.slice(2, 4));
    expect(sequenceNumbers(stream, all[4])).toEqual([]);
  });

  test('finds a record for 24 hours', () => {
    const clock = new ManualClock();
    const stream = newStream('KEYS_ONLY', clock);
    appendTo(stream, undefined, before);
    const [first] = sequenceNumbers(stream, undefined);
    clock.advance(12 * hourMs);
    appendTo(stream, before, after);
    const [, second] = sequenceNumbers(stream, undefined);
    clock.advance(12 * hourMs);
    appendTo(stream, after, undefined);
    const [, third] = sequenceNumbers(stream, undefined);
    expect(sequenceNumbers(stream, undefined)).toEqual([second, third]);
    expect(sequenceNumbers(stream, first)).toEqual([second, third]);
    expect(sequenceNumbers(stream, second)).toEqual([third]);
  });

  test('uses higher sequence numbers than an earlier run', () => {
    const clock = new ManualClock();
    const earlier = newStream('KEYS_ONLY', clock);
    for (let n = 0; n < 100; n++) appendTo(earlier, undefined, { id: { S: String(n) } });
    const last = sequenceNumbers(earlier, undefined, 100).at(-1);
    clock.advance(1);
    const later = newStream('KEYS_ONLY', clock);
    appendTo(later, undefined, before);
    const [next] = sequenceNumbers(later, last);
    expect(BigInt(next ?? 0)).toBeGreaterThan(BigInt(last ?? 0));
  });

  test('can wait for a record', async () => {
    const stream = newStream();
    let seen = 0;
    const waiting = stream.appended().then(() => {
      seen = stream.read(undefined, 10).length;
    });
    appendTo(stream, before, before);
    await setImmediate();
    expect(seen).toBe(0);
    appendTo(stream, undefined, before);
    appendTo(stream, before, after);
    await waiting;
    expect(seen).toBe(2);
  });

  test('can start with the next record', () => {
    const clock = new ManualClock();
    const stream = newStream('KEYS_ONLY', clock);
    const empty = stream.latest;
    appendTo(stream, undefined, before);
    const one = stream.latest;
    appendTo(stream, before, after);
    const [first, second] = sequenceNumbers(stream, undefined);
    expect(sequenceNumbers(stream, empty)).toEqual([first, second]);
    expect(sequenceNumbers(stream, one)).toEqual([second]);
    clock.advance(24 * hourMs);
    const trimmed = stream.latest;
    appendTo(stream, after, undefined);
    expect(sequenceNumbers(stream, trimmed)).toEqual([stream.latest]);
  });

  test('needs no timer to expire a record', () => {
    const clock = new ManualClock();
    appendTo(newStream('KEYS_ONLY', clock), undefined, before);
    expect(clock.pending).toBe(0);
  });
});

describe('memory', () => {
  const text = 'x'.repeat(1024 ** 2);
  const count = 100;

  /** Appends records of slightly more than 1 MB. Returns the number of records kept. */
  function fill(stream: Stream) {
    for (let n = 0; n < count; n++) appendTo(stream, undefined, { id: { S: String(n) }, text: { S: text } });
    return stream.read(undefined, 1_000).length;
  }

  test('holds the newest 16 MB of records without a reader', () => {
    const stream = newStream();
    expect(fill(stream)).toBe(15);
    expect(read(stream).at(-1)?.dynamodb.SequenceNumber).toBe(stream.latest);
  });

  test('holds the newest 4,000 records without a reader', () => {
    const stream = newStream('KEYS_ONLY');
    for (let n = 0; n < 5_000; n++) appendTo(stream, undefined, { id: { S: String(n) } });
    expect(stream.read(undefined, 5_000)).toHaveLength(4_000);
  });

  test('holds records that a reader has not passed, for 24 hours', () => {
    const clock = new ManualClock();
    const stream = newStream('NEW_IMAGE', clock);
    const [slow, fast] = [stream.reader(undefined), stream.reader(undefined)];
    expect(fill(stream)).toBe(count);
    const all = read(stream).map(({ dynamodb }) => dynamodb.SequenceNumber);
    fast.after = all.at(-1);
    expect(read(stream)).toHaveLength(count);
    slow.after = all[9];
    expect(read(stream).map(({ dynamodb }) => dynamodb.SequenceNumber)).toEqual(all.slice(10));
    slow.after = all.at(-1);
    expect(read(stream)).toHaveLength(15);
    slow.after = all[0];
    clock.advance(24 * hourMs);
    expect(read(stream)).toEqual([]);
  });

  test('holds no records for a reader that starts at the end', () => {
    const stream = newStream();
    fill(stream);
    stream.reader(stream.latest);
    expect(read(stream)).toHaveLength(15);
    expect(fill(stream)).toBe(count);
  });
});

test('shows a record once it is written with its item', async () => {
  const stream = newStream();
  const entry = stream.add(undefined, before);
  if (!entry) throw new Error('There is no record.');
  const appended = stream.appended();
  expect(read(stream)).toEqual([]);
  stream.written(entry);
  await appended;
  expect(read(stream)).toEqual([entry.record]);
});
