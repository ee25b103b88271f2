import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { seededChance } from '../../../src/core/chance.ts';
import { deadLetterSender } from '../../../src/core/dead-letter.ts';
import { Fault, Faults } from '../../../src/core/faults.ts';
import { Recorder } from '../../../src/core/recorder.ts';
import { AwsError } from '../../../src/core/service.ts';
import { Stream, type StreamEntry } from '../../../src/services/dynamodb/stream.ts';
import { EventSourceMapping } from '../../../src/services/lambda/event-source-mapping.ts';
import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import type { Invoker } from '../../../src/services/lambda/invocation.ts';
import { EventSourceMappingResource } from '../../../src/services/lambda/lambda-resources.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';
import { appendTo } from '../dynamodb/append-to.ts';
import { fail, ScriptedFunction, succeed } from './scripted-function.ts';

const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Posts/stream/1';
const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';
const hourMs = 3_600_000;

const Batch = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ Keys: z.object({ id: z.object({ S: z.string() }) }), SequenceNumber: z.string() }),
    }),
  ),
});

const SendMessageInput = z.object({ QueueUrl: z.string(), MessageBody: z.string() });

/**
 * A batch as the function receives it: the IDs of the items, e.g. `ab`, and a way to report some as
 * failed.
 */
class Received {
  readonly ids: string;
  readonly records: z.infer<typeof Batch>['Records'];

  constructor(event: unknown) {
    this.records = Batch.parse(event).Records;
    this.ids = this.records.map(({ dynamodb }) => dynamodb.Keys.id.S).join('');
  }

  report(...ids: string[]): InvocationResult {
    const failed = this.records.filter(({ dynamodb }) => ids.includes(dynamodb.Keys.id.S));
    return succeed({
      batchItemFailures: failed
        .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }))
        .toReversed(),
    });
  }
}

type Answer = (batch: Received, attempt: number) => InvocationResult;

class RecordedFunction extends ScriptedFunction {
  readonly batches: string[] = [];
  readonly payloads: string[] = [];
  readonly invokers: Invoker[] = [];

  constructor(answer: Answer, alias?: string) {
    super((event) => {
      const batch = new Received(event);
      this.batches.push(batch.ids);
      return answer(batch, this.batches.length);
    }, alias);
  }

  override invoke(payload: string, invoker?: Invoker): Promise<InvocationResult> {
    this.payloads.push(payload);
    if (invoker) this.invokers.push(invoker);
    return super.invoke(payload);
  }
}

const openJournal = temporaryJournals();

/** Creates an empty stream of a table, a function, and a mapping between them that is not started. */
function setUp(
  answer: Answer = () => succeed(),
  settings: object = {},
  {
    alias = undefined as string | undefined,
    clock = new ManualClock(),
    journal = openJournal(),
    kept = [] as readonly StreamEntry[],
  } = {},
) {
  const log = new RecordedLog();
  const faults = new Faults({ chance: seededChance('seed'), clock, log });
  const recorder = new Recorder(clock, false);
  const stream = new Stream({
    arn,
    region: 'eu-west-1',
    viewType: 'NEW_IMAGE',
    keyNames: ['id'],
    clock,
    kept,
  });
  const target = new RecordedFunction(answer, alias);
  const deadLetters: { queue: string; body: unknown }[] = [];
  const sqs = {
    async call(_operation: string, input: unknown) {
      const { QueueUrl, MessageBody } = SendMessageInput.parse(input);
      deadLetters.push({ queue: QueueUrl, body: JSON.parse(MessageBody) });
      return {};
    },
  };
  const refused = new Set<string>();
  const properties = EventSourceMappingResource.properties.parse({
    EventSourceArn: arn,
    FunctionName: 'Stack-Scripted',
    StartingPosition: 'TRIM_HORIZON',
    DestinationConfig: { OnFailure: { Destination: queue } },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 2,
    ...settings,
  });
  const mapping = new EventSourceMapping(stream, target, properties, {
    clock,
    faults,
    journal,
    recorder,
    log,
    sendDeadLetter: deadLetterSender(sqs, { faults, log, recorder }),
    authorizeRole: (functionName, action, resource) => {
      const request = `${functionName} ${action} ${resource}`;
      if (refused.has(request)) throw new AwsError('AccessDeniedException', `not authorized: ${request}`);
    },
  });
  return {
    clock,
    log,
    faults,
    journal,
    recorder,
    stream,
    target,
    deadLetters,
    refused,
    mapping,
    /** Writes an item for each letter. */
    append(ids: string, rest = {}) {
      for (const id of ids)
        appendTo(stream, undefined, { id: { S: id }, [id]: { S: 'x' }, ...rest }, { cause: { trace: id } });
    },
    /** Lets this many seconds pass, one at a time, with all pending work. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        await setImmediate();
        clock.advance(1_000);
      }
      await setImmediate();
    },
  };
}

/** Streams the records named `ids` to a function that returns `answer`, for 200 seconds. */
async function run(ids: string, answer?: Answer, settings?: object) {
  const { append, mapping, pass, stream, target, deadLetters, log } = setUp(answer, settings);
  append(ids);
  mapping.start();
  await pass(200);
  const sequenceNumbers = stream.read(undefined, 100).map(({ record }) => record.dynamodb.SequenceNumber);
  return { batches: target.batches, deadLetters, sequenceNumbers, log };
}

const filters = (...patterns: object[]) => ({
  FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
});
const hasField = (field: string) => ({ dynamodb: { NewImage: { [field]: { S: [{ exists: true }] } } } });

describe('reading', () => {
  it('delivers every record once, in order, in batches of the batch size', async () => {
    expect((await run('abcdefg', undefined, { BatchSize: 3 })).batches).toEqual(['abc', 'def', 'g']);
  });

  it('continues when records are added', async () => {
    const { append, mapping, pass, target } = setUp();
    mapping.start();
    await pass(1);
    append('ab');
    await pass(1);
    append('c');
    await pass(0);
    expect(target.batches).toEqual(['ab', 'c']);
  });

  it.each([
    ['TRIM_HORIZON', ['ab', 'c']],
    ['LATEST', ['c']],
  ])('begins at %s', async (StartingPosition, expected) => {
    const { append, mapping, pass, target } = setUp(undefined, { StartingPosition });
    append('ab');
    mapping.start();
    await pass(1);
    append('c');
    await pass(1);
    expect(target.batches).toEqual(expected);
  });

  it('does not start if the mapping is disabled', async () => {
    expect((await run('ab', undefined, { Enabled: false })).batches).toEqual([]);
  });

  it.each([
    ['one filter', [hasField('a')], ['a']],
    ['any of two filters', [hasField('a'), hasField('c')], ['ac']],
    ['a filter of the event name', [{ eventName: ['INSERT'] }], ['abc']],
    ['a filter that matches nothing', [{ eventName: ['REMOVE'] }], []],
  ])('skips records that do not match %s', async (_name, patterns, expected) => {
    expect((await run('abc', undefined, filters(...patterns))).batches).toEqual(expected);
  });

  it('counts only records that match the filter towards the batch size', async () => {
    const settings = { BatchSize: 2, ...filters(hasField('a'), hasField('b'), hasField('c')) };
    expect((await run('axxbyyczz', undefined, settings)).batches).toEqual(['ab', 'c']);
  });

  it('ends a batch before its payload reaches 6 MB', async () => {
    const { append, mapping, pass, target } = setUp();
    // In bytes, not in characters.
    append('abcdefghijklmnopqrst', { body: { S: 'ü'.repeat(199_000) } });
    mapping.start();
    await pass(1);
    expect(target.batches).toEqual(['abcdefghijklmno', 'pqrst']);
    for (const payload of target.payloads) expect(Buffer.byteLength(payload)).toBeLessThan(6 * 1024 * 1024);
  });
});

describe('the batching window', () => {
  const settings = { MaximumBatchingWindowInSeconds: 10, BatchSize: 3 };

  it('collects records from the first one until the window ends', async () => {
    const { append, mapping, pass, target } = setUp(undefined, settings);
    mapping.start();
    await pass(60);
    append('a');
    await pass(5);
    append('b');
    await pass(4);
    expect(target.batches).toEqual([]);
    await pass(1);
    expect(target.batches).toEqual(['ab']);
    append('c');
    await pass(9);
    expect(target.batches).toEqual(['ab']);
    await pass(1);
    expect(target.batches).toEqual(['ab', 'c']);
  });

  it('ends with a full batch', async () => {
    const { append, mapping, pass, target } = setUp(undefined, settings);
    append('abcd');
    mapping.start();
    await pass(1);
    expect(target.batches).toEqual(['abc']);
  });

  it('is not started by a record that is filtered out', async () => {
    const { append, mapping, pass, target } = setUp(undefined, { ...settings, ...filters(hasField('a')) });
    append('x');
    mapping.start();
    await pass(9);
    append('a');
    await pass(9);
    expect(target.batches).toEqual([]);
    await pass(1);
    expect(target.batches).toEqual(['a']);
  });
});

describe('of one batch abcd, the answer', () => {
  /** Returns the batches that the function receives after its first answer. */
  async function next(first: (batch: Received) => InvocationResult, settings = {}) {
    const { batches } = await run(
      'abcd',
      (batch, attempt) => (attempt === 1 ? first(batch) : succeed()),
      settings,
    );
    expect(batches[0]).toBe('abcd');
    return batches.slice(1);
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

  it('with failures leads to a retry from the lowest of them', async () => {
    expect(await next((batch) => batch.report('b', 'd'))).toEqual(['bcd']);
  });

  it('with failures is ignored if partial batch responses are off', async () => {
    expect(await next((batch) => batch.report('b'), { FunctionResponseTypes: [] })).toEqual([]);
  });

  it('that is an error leads to a retry of the whole batch', async () => {
    expect(await next(() => fail())).toEqual(['abcd']);
  });
});

describe('bisecting', () => {
  const BisectBatchOnFunctionError = true;

  it('splits a failed batch until the failing record is isolated', async () => {
    const { batches, deadLetters, sequenceNumbers } = await run(
      'abcd',
      ({ ids }) => (ids.includes('c') ? fail() : succeed()),
      { BisectBatchOnFunctionError, MaximumRetryAttempts: 1 },
    );
    expect(batches).toEqual(['abcd', 'ab', 'cd', 'c', 'c', 'd']);
    expect(deadLetters).toMatchObject([
      {
        body: {
          requestContext: { approximateInvokeCount: 4 },
          DDBStreamBatchInfo: {
            batchSize: 1,
            startSequenceNumber: sequenceNumbers[2],
            endSequenceNumber: sequenceNumbers[2],
          },
        },
      },
    ]);
  });

  it('splits at a reported record without counting an attempt', async () => {
    const { batches, deadLetters } = await run(
      'abcd',
      (batch) => (batch.ids.length > 1 ? batch.report(batch.ids[1] ?? '') : succeed()),
      { BisectBatchOnFunctionError, MaximumRetryAttempts: 0 },
    );
    expect(batches).toEqual(['abcd', 'bcd', 'cd', 'd']);
    expect(deadLetters).toEqual([]);
  });

  it('counts the attempts of the whole batch for its halves', async () => {
    const { batches } = await run('abcd', (batch, attempt) => (attempt === 1 ? batch.report('a') : fail()), {
      BisectBatchOnFunctionError,
      MaximumRetryAttempts: 1,
    });
    expect(batches).toEqual(['abcd', 'abcd', 'ab', 'a', 'b', 'cd', 'c', 'd']);
  });
});

describe('a batch that keeps failing', () => {
  it('is sent to the destination after the last attempt, and the next batch follows', async () => {
    const { batches, deadLetters, sequenceNumbers } = await run(
      'abc',
      ({ ids }) => (ids === 'c' ? succeed() : fail()),
      { BatchSize: 2 },
    );
    expect(batches).toEqual(['ab', 'ab', 'ab', 'c']);
    expect(deadLetters).toEqual([
      {
        queue: 'failures',
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
            startSequenceNumber: sequenceNumbers[0],
            endSequenceNumber: sequenceNumbers[1],
            approximateArrivalOfFirstRecord: '2026-01-31T09:30:00Z',
            approximateArrivalOfLastRecord: '2026-01-31T09:30:00Z',
            batchSize: 2,
            streamArn: arn,
          },
        },
      },
    ]);
  });

  it('is sent without a function error if the function has reported the failure', async () => {
    const { batches, deadLetters } = await run('ab', (batch) => batch.report('b'));
    expect(batches).toEqual(['ab', 'b', 'b']);
    expect(deadLetters).toMatchObject([{ body: { DDBStreamBatchInfo: { batchSize: 1 } } }]);
    expect(deadLetters[0]?.body).toHaveProperty('responseContext', {
      statusCode: 200,
      executedVersion: '$LATEST',
    });
  });

  it('is sent with the alias and the version of the mapping', async () => {
    const { append, mapping, pass, deadLetters } = setUp(() => fail(), {}, { alias: 'live' });
    append('a');
    mapping.start();
    await pass(200);
    expect(deadLetters).toMatchObject([
      {
        body: {
          requestContext: {
            functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted:live',
          },
          responseContext: { executedVersion: '1' },
        },
      },
    ]);
  });

  it('is discarded without a destination', async () => {
    const { batches, deadLetters } = await run('a', () => fail(), { DestinationConfig: undefined });
    expect(batches).toHaveLength(3);
    expect(deadLetters).toEqual([]);
  });

  it('is lost, and logged, if the role may not send to the destination', async () => {
    const { append, mapping, pass, deadLetters, log, refused, target } = setUp(
      ({ ids }) => (ids === 'a' ? fail() : succeed()),
      { BatchSize: 1, MaximumRetryAttempts: 0 },
    );
    refused.add(`Stack-Scripted sqs:SendMessage ${queue}`);
    append('ab');
    mapping.start();
    await pass(1);
    expect(target.batches).toEqual(['a', 'b']);
    expect(deadLetters).toEqual([]);
    expect(log.errors).toContainEqual(
      expect.stringMatching(/^dead letter: LOST, failures did not accept it: .*sqs:SendMessage/),
    );
  });

  it('is retried after 1, 2, 4, … seconds, at most 60', async () => {
    const { append, mapping, clock, target } = setUp(() => fail(), { MaximumRetryAttempts: 9 });
    append('a');
    mapping.start();
    const times: number[] = [];
    const begin = clock.now();
    while (times.length < 10) {
      await setImmediate();
      if (target.batches.length > times.length) times.push((clock.now() - begin) / 1000);
      clock.jump();
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });
});

describe('records that are too old', () => {
  const settings = { MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: 60 };
  const condition = { requestContext: { condition: 'RecordAgeExceeded' } };

  it('are discarded, whatever the number of attempts', async () => {
    const { deadLetters } = await run('a', () => fail(), settings);
    expect(deadLetters).toMatchObject([
      { body: { ...condition, responseContext: { functionError: 'Unhandled' } } },
    ]);
  });

  it('are discarded before the function receives them, without newer records', async () => {
    const { append, clock, mapping, pass, deadLetters, target } = setUp(undefined, settings);
    append('ab');
    clock.advance(40_000);
    append('c');
    clock.advance(21_000);
    mapping.start();
    await pass(1);
    expect(target.batches).toEqual(['c']);
    expect(deadLetters).toMatchObject([
      {
        body: {
          requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
          DDBStreamBatchInfo: { batchSize: 2 },
        },
      },
    ]);
    expect(deadLetters[0]?.body).not.toHaveProperty('responseContext');
  });

  it('are those beyond the retention of the stream without another limit', async () => {
    const { append, clock, mapping, deadLetters, target } = setUp(() => fail(), { MaximumRetryAttempts: -1 });
    append('a');
    mapping.start();
    const begin = clock.now();
    while (deadLetters.length === 0) {
      await setImmediate();
      clock.jump();
    }
    expect((clock.now() - begin) / hourMs).toBeCloseTo(24, 1);
    expect(target.batches.length).toBeGreaterThan(24 * 59);
    expect(deadLetters).toMatchObject([{ body: condition }]);
  });
});

describe('a throttled invocation', () => {
  const throttled = () => {
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  };

  it('is retried, and does not count as an attempt', async () => {
    const { batches, deadLetters } = await run(
      'ab',
      (_batch, attempt) => (attempt < 5 ? throttled() : succeed()),
      { MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true },
    );
    expect(batches).toEqual(['ab', 'ab', 'ab', 'ab', 'ab']);
    expect(deadLetters).toEqual([]);
  });

  it('is discarded if the records are too old', async () => {
    const { deadLetters } = await run('ab', throttled, {
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
    });
    expect(deadLetters).toMatchObject([
      { body: { requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 } } },
    ]);
    expect(deadLetters[0]?.body).not.toHaveProperty('responseContext');
  });
});

describe('with a parallelisation factor', () => {
  it('processes every change of an item once, in order, despite failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...'abcdef'), { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        fc.infiniteStream(fc.constantFrom('done', 'error', 'last record', 'throttled')),
        async (ids, ParallelizationFactor, BatchSize, BisectBatchOnFunctionError, endings) => {
          const processed: { id: string; sequenceNumber: string }[] = [];
          let invocations = 0;
          const { clock, mapping, stream } = setUp(
            (batch) => {
              const ending = invocations++ < 100 ? endings.next().value : 'done';
              if (ending === 'throttled')
                throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
              if (ending === 'error') return fail();
              const records = batch.records.map(({ dynamodb }) => ({
                id: dynamodb.Keys.id.S,
                sequenceNumber: dynamodb.SequenceNumber,
              }));
              const failed = ending === 'last record' ? records.splice(-1) : [];
              processed.push(...records);
              return succeed({
                batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })),
              });
            },
            { ParallelizationFactor, BatchSize, BisectBatchOnFunctionError, MaximumRetryAttempts: -1 },
          );
          for (const [n, id] of ids.entries())
            appendTo(stream, undefined, { id: { S: id }, version: { N: String(n) } });
          mapping.start();
          const written = stream.read(undefined, 100).map(({ record }) => ({
            id: record.dynamodb.Keys.id?.S,
            sequenceNumber: record.dynamodb.SequenceNumber,
          }));
          do {
            clock.jump();
            await setImmediate();
          } while (clock.pending > 0);
          expect(processed).toHaveLength(written.length);
          for (const item of new Set(ids)) {
            expect(processed.filter(({ id }) => id === item)).toEqual(
              written.filter(({ id }) => id === item),
            );
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('delays only the items of the same sequence if a batch fails', async () => {
    const ids = 'abcdefghijklmnopqrstuvwxyz';
    const { append, mapping, pass, target } = setUp(({ ids }) => (ids === 'a' ? fail() : succeed()), {
      ParallelizationFactor: 10,
      BatchSize: 1,
      MaximumRetryAttempts: -1,
    });
    append(ids);
    mapping.start();
    await pass(1);
    const blocked = [...ids].filter((id) => !target.batches.includes(id));
    expect(blocked.length).toBeLessThan(13);
    append('a');
    await pass(100);
    expect(new Set(target.batches)).toEqual(new Set([...ids].filter((id) => !blocked.includes(id))));
  });
});

describe('the role of the function', () => {
  it.each(['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'])(
    'must allow dynamodb:%s, or else the mapping keeps retrying',
    async (action) => {
      const { append, mapping, pass, log, refused, target } = setUp();
      const request = `Stack-Scripted dynamodb:${action} ${arn}`;
      refused.add(request);
      append('a');
      mapping.start();
      await pass(200);
      expect(target.batches).toEqual([]);
      expect(log.errors).toHaveLength(4);
      expect(log.errors[0]).toMatch(/^scripted: cannot read the stream of Posts, retry in 60 s: Access/);
      expect(log.errors[0]).toContain(request);
      refused.clear();
      await pass(60);
      expect(target.batches).toEqual(['a']);
    },
  );
});

describe('the cause of a batch', () => {
  it('consists of the causes of its items', async () => {
    const { append, mapping, pass, target } = setUp();
    append('ab');
    mapping.start();
    await pass(1);
    expect(target.invokers).toEqual([
      {
        name: 'stream of Posts',
        queued: true,
        cause: {
          trace: 'a',
          members: new Map([
            ['a', { trace: 'a' }],
            ['b', { trace: 'b' }],
          ]),
        },
      },
    ]);
  });

  it('consists of the causes of the remaining items if a batch is retried', async () => {
    const { append, mapping, pass, target } = setUp((batch, attempt) =>
      attempt === 1 ? batch.report('b') : succeed(),
    );
    append('ab');
    mapping.start();
    await pass(2);
    expect(target.invokers.at(-1)?.cause).toEqual({ trace: 'b', members: new Map([['b', { trace: 'b' }]]) });
  });
});

describe('a fault', () => {
  it('at the reading delays the batch, and loses nothing', async () => {
    const { append, faults, mapping, pass, log, target } = setUp(undefined, { BatchSize: 1 });
    faults.add(
      Fault.parse({ fault: 'error', service: 'dynamodb', operation: 'GetRecords', code: 'Broken', times: 2 }),
    );
    append('ab');
    mapping.start();
    await pass(1);
    expect(target.batches).toEqual([]);
    await pass(1);
    expect(target.batches).toEqual(['a']);
    await pass(2);
    expect(target.batches).toEqual(['a', 'b']);
    expect(log.warnings).toContainEqual(
      expect.stringMatching(/^scripted: the stream of Posts could not be read: Broken/),
    );
  });

  it.each([
    ['hop', { hop: 'stream of Posts → event source mapping' }],
    ['function', { function: 'scripted', service: 'dynamodb' }],
  ])('at the reading is matched by its %s', async (_name, where) => {
    const { append, faults, mapping, pass, target } = setUp();
    faults.add(Fault.parse({ fault: 'drop', times: 1, ...where }));
    append('a');
    mapping.start();
    await pass(0);
    expect(target.batches).toEqual([]);
    await pass(2);
    expect(target.batches).toEqual(['a']);
  });
});

describe('the properties of a mapping', () => {
  const properties = { EventSourceArn: arn, FunctionName: 'f', StartingPosition: 'LATEST' };

  it('have the defaults of AWS', () => {
    expect(EventSourceMappingResource.properties.parse(properties)).toEqual({
      ...properties,
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      Enabled: true,
      FilterCriteria: { Filters: [] },
      FunctionResponseTypes: [],
      MaximumBatchingWindowInSeconds: 0,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
    });
  });

  it.each([
    { StartingPosition: 'AT_TIMESTAMP' },
    { BatchSize: 10_001 },
    { MaximumBatchingWindowInSeconds: 301 },
    { MaximumRecordAgeInSeconds: 604_801 },
    { MaximumRetryAttempts: 10_001 },
    { ParallelizationFactor: 11 },
    { FilterCriteria: { Filters: Array.from({ length: 6 }, () => ({ Pattern: '{}' })) } },
    { TumblingWindowInSeconds: 30 },
  ])('cannot be %j', (change) => {
    expect(EventSourceMappingResource.properties.safeParse({ ...properties, ...change }).success).toBe(false);
  });

  it('cannot have an invalid filter pattern', () => {
    expect(() => setUp(undefined, { FilterCriteria: { Filters: [{ Pattern: '"text"' }] } })).toThrow();
  });
});

describe('a restart', () => {
  /** Streams `ab`, stops, and returns what a new process with the kept records and position has. */
  async function restart(answer: Answer, settings: object = {}, name = JSON.stringify(settings).length) {
    const earlier = setUp(answer, settings, { journal: openJournal(`position-${name}`) });
    earlier.mapping.start();
    earlier.append('ab');
    await earlier.pass(1);
    earlier.journal.close();
    const journal = openJournal(`position-${name}`);
    const kept = earlier.stream.read(undefined, 100);
    const later = setUp(undefined, settings, { clock: earlier.clock, journal, kept });
    return { earlier, later };
  }

  it.each(['TRIM_HORIZON', 'LATEST'])(
    'repeats the records of a batch that was not done, from %s',
    async (StartingPosition) => {
      const { earlier, later } = await restart(({ ids }) => (ids === 'a' ? succeed() : fail()), {
        BatchSize: 1,
        StartingPosition,
      });
      expect(earlier.target.batches.slice(0, 2)).toEqual(['a', 'b']);
      later.mapping.start();
      later.append('c');
      await later.pass(1);
      expect(later.target.batches).toEqual(['b', 'c']);
    },
  );

  it('repeats no record if all are done', async () => {
    const { later } = await restart(() => succeed(), { MaximumRetryAttempts: 7 });
    later.mapping.start();
    await later.pass(1);
    expect(later.target.batches).toEqual([]);
    later.append('c');
    await later.pass(1);
    expect(later.target.batches).toEqual(['c']);
  });

  it('continues before the first record that any of the parallel sequences has not done', async () => {
    const { later } = await restart(({ ids }) => (ids === 'a' ? fail() : succeed()), {
      BatchSize: 1,
      ParallelizationFactor: 10,
    });
    later.mapping.start();
    await later.pass(1);
    expect(later.target.batches.join('')).toContain('a');
  });

  it('reads the stream of a clock that is behind the earlier one', async () => {
    const journal = openJournal();
    const ahead = setUp(undefined, {}, { journal });
    ahead.clock.advance(hourMs);
    const early = setUp(undefined, {}, { clock: ahead.clock, journal });
    early.mapping.start();
    early.append('a');
    await early.pass(1);
    expect(early.target.batches).toEqual(['a']);
    const behind = setUp(undefined, {}, { journal });
    behind.mapping.start();
    behind.append('b');
    await behind.pass(1);
    expect(behind.target.batches).toEqual(['b']);
  });
});

describe('delivering records once more', () => {
  it('invokes the function with the records of the batch that it wants, without a retry', async () => {
    const { append, mapping, stream, target } = setUp(
      (batch) => (batch.ids.includes('c') ? batch.report('c') : succeed()),
      filters(hasField('a'), hasField('c'), hasField('d')),
    );
    append('abcd');
    const [, , third = '', fourth = ''] = numbers(stream);
    const first = numbers(stream)[0] ?? '';
    expect(mapping.connects(stream.arn, target.invokedArn)).toBe(true);
    await expect(mapping.deliverOnce(first, third, { trace: 'x' })).rejects.toThrow(
      'scripted reported that it did not process 1 of 2 records.',
    );
    await mapping.deliverOnce(fourth, fourth, { trace: 'x' });
    expect(target.batches).toEqual(['ac', 'd']);
    expect(target.invokers.map(({ cause }) => cause.trace)).toEqual(['x', 'x']);
  });

  it('fails with the error of the function, or if the stream no longer has the records', async () => {
    const { append, clock, mapping, stream } = setUp(() => fail('broken'));
    append('a');
    const [first = ''] = numbers(stream);
    await expect(mapping.deliverOnce(first, first, { trace: 'x' })).rejects.toThrow('Error: broken');
    clock.advance(25 * hourMs);
    await expect(mapping.deliverOnce(first, first, { trace: 'x' })).rejects.toThrow(
      'The stream no longer has the records',
    );
  });

  const numbers = (stream: Stream) =>
    stream.read(undefined, 10).map(({ record }) => record.dynamodb.SequenceNumber);
});
