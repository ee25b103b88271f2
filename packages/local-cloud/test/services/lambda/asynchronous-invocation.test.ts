import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../../../src/core/service.ts';
import {
  type InvokeConfig,
  invokeAsynchronously,
} from '../../../src/services/lambda/asynchronous-invocation.ts';
import type { InvocationResult } from '../../../src/services/lambda/execution-environment.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { fail, ScriptedFunction, succeed } from './scripted-function.ts';

const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';
const invoker = { name: 'a rule', cause: { trace: '0'.repeat(24) } };
const refused = new AwsError('AccessDenied', 'not authorized to perform: sqs:SendMessage', 403);

interface Circumstances extends Partial<InvokeConfig> {
  /** The queues to which the role of the function may send; all if absent. */
  allowed?: string[];
}

/** Processes an event to its end. The times of the invocations are seconds after it was accepted. */
async function run(
  answer: (attempt: number) => InvocationResult,
  { allowed, ...config }: Circumstances = {},
) {
  const clock = new ManualClock();
  const begin = clock.now();
  const log = new RecordedLog();
  const times: number[] = [];
  const deadLetters: { queueArn: string; body: unknown; attributes?: Record<string, string | number> }[] = [];
  const lost: unknown[] = [];
  const target = new ScriptedFunction(() => {
    times.push((clock.now() - begin) / 1000);
    return answer(times.length);
  });
  let done = false;
  const progress = { acceptedAt: begin, waitsUntil: begin, runs: 0, refusals: 0 };
  const requestId = '01234567-89ab-cdef-0123-456789abcdef';
  const invocation = invokeAsynchronously(
    { target, payload: '{"a":1}', invoker, requestId, progress, keep: () => {} },
    { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 3600_000, onFailure: queue, ...config },
    {
      clock,
      log,
      authorizeRole(functionName, action, resource) {
        expect([functionName, action]).toEqual(['Stack-Scripted', 'sqs:SendMessage']);
        if (allowed && !allowed.includes(resource)) throw refused;
      },
      sendDeadLetter: async ({ queueArn, body, attributes, authorize }) => {
        try {
          authorize();
          deadLetters.push({ queueArn, body: JSON.parse(body), ...(attributes && { attributes }) });
        } catch (error) {
          lost.push(error);
        }
      },
    },
  ).then(() => (done = true));
  for (let second = 0; !done && second < 6 * 3600; second++) {
    await setImmediate();
    if (!done) clock.advance(1_000);
  }
  await invocation;
  expect(target.invocations).toEqual(times.map(() => ({ a: 1 })));
  return { times, deadLetters, lost, warnings: log.warnings };
}

it('ends after one success', async () => {
  expect(await run(() => succeed())).toEqual({ times: [0], deadLetters: [], lost: [], warnings: [] });
});

it('is retried after one minute', async () => {
  const { times, deadLetters, warnings } = await run((attempt) => (attempt < 2 ? fail() : succeed()));
  expect({ times, deadLetters }).toEqual({ times: [0, 60], deadLetters: [] });
  expect(warnings).toEqual(['scripted: failed (Error: broken), retry in 60 s']);
});

it('is retried after two more minutes, and then sent to the failure destination', async () => {
  const { times, deadLetters } = await run((attempt) => fail(`broken ${attempt}`));
  expect(times).toEqual([0, 60, 180]);
  expect(deadLetters).toEqual([
    {
      queueArn: queue,
      attributes: {},
      body: {
        version: '1.0',
        timestamp: '2026-01-31T09:33:00.000Z',
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { a: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'Error', errorMessage: 'broken 3', trace: ['Error: broken 3'] },
      },
    },
  ]);
});

it.each([
  ['no retries', { maximumRetryAttempts: 0 }, [0], 'RetriesExhausted'],
  ['one retry', { maximumRetryAttempts: 1 }, [0, 60], 'RetriesExhausted'],
  ['an age of one minute', { maximumEventAgeMs: 60_000 }, [0, 60], 'EventAgeExceeded'],
  ['an age below', { maximumEventAgeMs: 59_999 }, [0], 'EventAgeExceeded'],
  ['an age that the last retry reaches', { maximumEventAgeMs: 180_000 }, [0, 60, 180], 'RetriesExhausted'],
])('respects a limit of %s', async (_name, config, times, condition) => {
  expect(await run(() => fail(), config)).toMatchObject({
    times,
    deadLetters: [{ body: { requestContext: { condition, approximateInvokeCount: times.length } } }],
  });
});

it('is discarded without a failure destination', async () => {
  expect(await run(() => fail(), { onFailure: undefined })).toMatchObject({ deadLetters: [], lost: [] });
});

it('is sent unchanged to the dead-letter queue, with the reason in attributes', async () => {
  const message = 'é'.repeat(1_000);
  const { deadLetters } = await run(() => fail(message), { onFailure: undefined, deadLetterQueue: queue });
  expect(deadLetters).toEqual([
    {
      queueArn: queue,
      body: { a: 1 },
      attributes: {
        RequestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ErrorCode: 200,
        ErrorMessage: 'é'.repeat(512),
      },
    },
  ]);
});

it('is lost if the role of the function may not send to the queue', async () => {
  const deadLetterQueue = `${queue}-as-they-were`;
  const { deadLetters, lost } = await run(() => fail(), { deadLetterQueue, allowed: [deadLetterQueue] });
  expect(lost).toEqual([refused]);
  expect(deadLetters).toMatchObject([{ queueArn: deadLetterQueue }]);
});

describe('an invocation that Lambda throttles or fails', () => {
  const throttled = (): never => {
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  };

  it('returns to the queue for a pause that doubles up to 5 minutes', async () => {
    const { times, warnings } = await run((attempt) => (attempt <= 11 ? throttled() : succeed()));
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(warnings[0]).toBe('scripted: failed (TooManyRequestsException: Rate Exceeded.), retry in 1 s');
  });

  it('does not count as an attempt', async () => {
    const { times, deadLetters } = await run((attempt) => (attempt % 2 === 1 ? throttled() : fail()));
    expect(times).toEqual([0, 1, 61, 62, 182, 183]);
    expect(deadLetters).toMatchObject([
      { body: { requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 } } },
    ]);
  });

  it('is retried until the event is too old, even with no retries configured', async () => {
    const { times, deadLetters } = await run(throttled, {
      maximumRetryAttempts: 0,
      maximumEventAgeMs: 60_000,
      deadLetterQueue: queue,
    });
    expect(times).toEqual([0, 1, 3, 7, 15, 31]);
    const [record, event] = deadLetters;
    expect(record?.body).toEqual({
      version: '1.0',
      timestamp: '2026-01-31T09:30:31.000Z',
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Stack-Scripted:$LATEST',
        condition: 'EventAgeExceeded',
        approximateInvokeCount: 0,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 429 },
    });
    expect(event?.attributes).toMatchObject({ ErrorCode: 429, ErrorMessage: 'Rate Exceeded.' });
  });

  it('returns to the queue after an error of the service too', async () => {
    const { times } = await run((attempt) => {
      if (attempt <= 3) throw new AwsError('ServiceException', 'try again', 500);
      return succeed();
    });
    expect(times).toEqual([0, 1, 3, 7]);
  });
});
