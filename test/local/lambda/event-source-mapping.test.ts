import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import { Stream } from '../../../local/dynamodb/stream.ts';
import { EventSourceMapping } from '../../../local/lambda/event-source-mapping.ts';
import type { InvocationResult } from '../../../local/lambda/execution-environment.ts';
import type { EventSourceMappingProperties } from '../../../local/lambda/lambda-resources.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordedLog } from '../recorded-log.ts';
import { fail, ScriptedFunction, succeed } from './scripted-function.ts';

const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Posts/stream/1';
const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';

const Batch = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ Keys: z.object({ id: z.object({ S: z.string() }) }), SequenceNumber: z.string() }),
    }),
  ),
});
/** A batch as the function sees it: the ids of the items, e.g. `ab`, and what reports one of them as failed. */
interface Received {
  ids: string;
  report(...ids: string[]): InvocationResult;
}

function received(event: unknown): Received {
  const records = Batch.parse(event).Records.map(({ dynamodb }) => dynamodb);
  return {
    ids: records.map(({ Keys }) => Keys.id.S).join(''),
    report: (...ids) =>
      succeed({
        batchItemFailures: ids.map((id) => ({
          itemIdentifier: records.find(({ Keys }) => Keys.id.S === id)?.SequenceNumber,
        })),
      }),
  };
}

/** Streams the records named `ids` in one go, and lets `answer` be the function, until nothing moves. */
async function run(
  ids: string,
  answer: (batch: Received, attempt: number) => InvocationResult,
  settings: Partial<EventSourceMappingProperties> = {},
) {
  const clock = new ManualClock();
  const stream = new Stream({ arn, region: 'eu-west-1', viewType: 'NEW_IMAGE', keyNames: ['id'], clock });
  const batches: string[] = [];
  const target = new ScriptedFunction((event) => {
    const batch = received(event);
    batches.push(batch.ids);
    return answer(batch, batches.length);
  });
  const deadLetters: { queueArn: string; body: unknown }[] = [];
  const mapping = new EventSourceMapping(
    stream,
    target,
    {
      EventSourceArn: arn,
      FunctionName: 'scripted',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      DestinationConfig: { OnFailure: { Destination: queue } },
      FilterCriteria: { Filters: [] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: 2,
      ...settings,
    },
    {
      clock,
      log: new RecordedLog(),
      sendDeadLetter: async (queueArn, body) => {
        deadLetters.push({ queueArn, body: JSON.parse(body) });
      },
    },
  );
  // The first record is older than the mapping, as in a stream that has been there before it.
  for (const [index, id] of [...ids].entries()) {
    stream.append(undefined, { id: { S: id }, [id]: { S: 'x' } });
    if (index === 0) mapping.start();
  }
  for (let second = 0; second < 200; second++) {
    await setImmediate();
    clock.advance(1_000);
  }
  const sequenceNumbers = stream.read(undefined, 100).map(({ dynamodb }) => dynamodb.SequenceNumber);
  return { batches, deadLetters, sequenceNumbers };
}

it('delivers every record once, in order, in batches of the size', async () => {
  const { batches, deadLetters } = await run('abcdefg', () => succeed(), { BatchSize: 3 });
  expect(batches.join('')).toBe('abcdefg');
  expect(batches.every(({ length }) => length <= 3)).toBe(true);
  expect(deadLetters).toEqual([]);
});

it('reads what was in the stream before it', async () => {
  expect((await run('a', () => succeed())).batches).toEqual(['a']);
});

it.each([
  ['one filter', ['a'], 'a'],
  ['any of two filters', ['a', 'c'], 'ac'],
  ['a filter that nothing passes', ['x'], ''],
])('invokes the function with what passes %s', async (_name, fields, expected) => {
  const Filters = fields.map((field) => ({
    Pattern: JSON.stringify({ dynamodb: { NewImage: { [field]: { S: [{ exists: true }] } } } }),
  }));
  const { batches } = await run('abc', () => succeed(), { FilterCriteria: { Filters } });
  expect(batches.join('')).toBe(expected);
});

describe('of one batch abcd, the answer', () => {
  /** What the function gets after its first answer. */
  async function next(first: (batch: Received) => InvocationResult, settings = {}) {
    // A first record of its own, so that the others are one batch.
    const { batches } = await run(
      '0abcd',
      (batch, attempt) => (attempt === 2 ? first(batch) : succeed()),
      settings,
    );
    expect(batches.slice(0, 2)).toEqual(['0', 'abcd']);
    return batches.slice(2);
  }

  it.each([
    ['null', null],
    ['{}', {}],
    ['no failures', { batchItemFailures: [] }],
    ['null failures', { batchItemFailures: null }],
  ])('%s is a success', async (_name, answer) => {
    expect(await next(() => succeed(answer))).toEqual([]);
  });

  it.each([
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: '1' }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a misspelt identifier', { batchItemFailures: [{ itemIdentifer: '1' }] }],
    ['no list', { batchItemFailures: 'a' }],
    ['a text', 'done'],
  ])('with %s fails the whole batch', async (_name, answer) => {
    expect(await next(() => succeed(answer))).toEqual(['abcd']);
  });

  it('with failures is tried again from the lowest of them', async () => {
    expect(await next((batch) => batch.report('d', 'b'))).toEqual(['bcd']);
  });

  it('with failures means nothing where partial batch responses are off', async () => {
    expect(await next((batch) => batch.report('b'), { FunctionResponseTypes: [] })).toEqual([]);
  });

  it('that is an error is tried again whole', async () => {
    expect(await next(() => fail())).toEqual(['abcd']);
  });
});

it('splits a failed batch until the record that fails is alone', async () => {
  const { batches, deadLetters, sequenceNumbers } = await run(
    '0abcd',
    ({ ids }) => (ids.includes('c') ? fail() : succeed()),
    { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 },
  );
  expect(batches).toEqual(['0', 'abcd', 'ab', 'cd', 'c', 'c', 'd']);
  expect(deadLetters).toMatchObject([
    { body: { DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: sequenceNumbers[3] } } },
  ]);
});

it('gives a batch up after the last attempt, tells the destination, and goes on', async () => {
  const { batches, deadLetters, sequenceNumbers } = await run('0ab', ({ ids }) =>
    ids === '0' ? succeed() : fail(),
  );
  expect(batches).toEqual(['0', 'ab', 'ab', 'ab']);
  expect(deadLetters).toEqual([
    {
      queueArn: queue,
      body: {
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 3,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: '2026-01-31T09:30:03.000Z',
        DDBStreamBatchInfo: {
          shardId: expect.stringMatching(/^shardId-/),
          startSequenceNumber: sequenceNumbers[1],
          endSequenceNumber: sequenceNumbers[2],
          approximateArrivalOfFirstRecord: '2026-01-31T09:30:00.000Z',
          approximateArrivalOfLastRecord: '2026-01-31T09:30:00.000Z',
          batchSize: 2,
          streamArn: arn,
        },
      },
    },
  ]);
});

it('blocks what is behind a failed batch', async () => {
  const { batches } = await run('abc', (_batch, attempt) => (attempt < 3 ? fail() : succeed()), {
    BatchSize: 1,
  });
  expect(batches).toEqual(['a', 'a', 'a', 'b', 'c']);
});

it('gives a batch up once it is too old', async () => {
  const { deadLetters } = await run('a', () => fail(), {
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: 60,
  });
  expect(deadLetters).toMatchObject([{ body: { requestContext: { condition: 'RecordAgeExceeded' } } }]);
});
