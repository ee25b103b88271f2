import { setImmediate } from 'node:timers/promises';
import {
  defaultInvokeConfig,
  type InvokeConfig,
  invokeAsynchronously,
} from '../../../local/lambda/asynchronous-invocation.ts';
import type { InvocationResult } from '../../../local/lambda/execution-environment.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordedLog } from '../recorded-log.ts';
import { fail, ScriptedFunction, succeed } from './scripted-function.ts';

const queue = 'arn:aws:sqs:eu-west-1:123456789012:failures';

/** Lets an event run its course; the times of the invocations are seconds after it was accepted. */
async function run(answer: (attempt: number) => InvocationResult, config: Partial<InvokeConfig> = {}) {
  const clock = new ManualClock();
  const begin = clock.now();
  const log = new RecordedLog();
  const times: number[] = [];
  const deadLetters: { queueArn: string; body: unknown }[] = [];
  const target = new ScriptedFunction(() => {
    times.push((clock.now() - begin) / 1000);
    return answer(times.length);
  });
  let done = false;
  const invocation = invokeAsynchronously(
    target,
    '{"a":1}',
    { ...defaultInvokeConfig, onFailure: queue, ...config },
    {
      clock,
      log,
      sendDeadLetter: async (queueArn, body) => {
        deadLetters.push({ queueArn, body: JSON.parse(body) });
      },
    },
  ).then(() => (done = true));
  for (let second = 0; !done && second < 1_000; second++) {
    await setImmediate();
    if (!done) clock.advance(1_000);
  }
  await invocation;
  expect(target.invocations).toEqual(times.map(() => ({ a: 1 })));
  return { times, deadLetters, warnings: log.warnings };
}

it('is done with after one success', async () => {
  expect(await run(() => succeed())).toEqual({ times: [0], deadLetters: [], warnings: [] });
});

it('is tried again after one minute', async () => {
  const { times, deadLetters, warnings } = await run((attempt) => (attempt < 2 ? fail() : succeed()));
  expect({ times, deadLetters }).toEqual({ times: [0, 60], deadLetters: [] });
  expect(warnings).toEqual(['scripted: failed (Error: broken), tried again in 60 s']);
});

it('is tried again after two more, then given up with a record of it', async () => {
  const { times, deadLetters } = await run((attempt) => fail(`broken ${attempt}`));
  expect(times).toEqual([0, 60, 180]);
  expect(deadLetters).toEqual([
    {
      queueArn: queue,
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
])('keeps to a limit of %s', async (_name, config, times, condition) => {
  expect(await run(() => fail(), config)).toMatchObject({
    times,
    deadLetters: [{ body: { requestContext: { condition, approximateInvokeCount: times.length } } }],
  });
});

it('is forgotten without a failure destination', async () => {
  expect(await run(() => fail(), { onFailure: undefined })).toMatchObject({ deadLetters: [] });
});
