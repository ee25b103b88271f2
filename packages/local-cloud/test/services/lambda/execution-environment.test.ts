import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Clock, realClock } from '../../../src/core/clock.ts';
import { portOf } from '../../../src/http/http-server.ts';
import type { AwsEndpoint, AwsResponse } from '../../../src/services/lambda/aws-call.ts';
import {
  ExecutionEnvironment,
  type ExecutionEnvironmentSettings,
} from '../../../src/services/lambda/execution-environment.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
writeFileSync(
  join(folder, 'acts.mjs'),
  `import { Agent, request } from 'node:http';
  import * as threads from 'node:worker_threads';
  import { setTimeout as sleep } from 'node:timers/promises';
  const acts = {
    answer: ({ value }) => value,
    context: (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }),
    environment: () => process.env,
    long: ({ value }) => 'x'.repeat(value),
    date: () => [new Date().toISOString(), Date.now(), new Date(0).getTime(), new Date() instanceof Date],
    sleep: async ({ value }) => {
      const start = Date.now();
      await new Promise((resolve) => setTimeout(resolve, value - 400_000));
      await sleep(300_000);
      await new Promise((resolve) => AbortSignal.timeout(100_000).addEventListener('abort', resolve));
      return Date.now() - start;
    },
    call: ({ value }) => new Promise((resolve) => {
      setTimeout(() => {}, 5_000);
      const headers = { 'amz-sdk-invocation-id': 'one', 'amz-sdk-request': 'attempt=1' };
      request({ host: '127.0.0.1', port: value, headers }, (response) => {
        response.resume().on('end', resolve);
      }).end();
    }),
    carried: ({ value }) => new Promise((resolve) => {
      setTimeout(() => {}, 5_000);
      const { hostname: host, port } = new URL(value);
      const authorization = 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260131/eu-west-1/sqs/aws4_request';
      const headers = { authorization, 'amz-sdk-invocation-id': 'one', 'amz-sdk-request': 'attempt=1' };
      request({ host, port, headers, method: 'POST', path: '/', agent: new Agent() }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      }).end('{}');
    }),
    printAndLoop: () => { console.log('first'); console.log('second'); for (;;); },
    printAndExit: () => { process.stdout.write('without '); process.stdout.write('an end'); process.exit(3); },
    printAndEat: () => { console.log('before'); acts.eatMemory(); },
    printBytes: () => {
      const bytes = Buffer.from('é\\r\\nnext\\n');
      process.stdout.write(bytes.subarray(0, 1));
      process.stdout.write(bytes.subarray(1));
      process.stdout.write('c3a90a', 'hex');
      return new Promise((resolve) => process.stdout.write('last\\n', resolve));
    },
    print: () => { console.log('to stdout\\nin two lines'); console.error('to stderr'); },
    throw: () => { throw new TypeError('no such thing'); },
    throwText: () => { throw 'only text'; },
    unserialisable: () => 1n,
    exit: () => process.exit(3),
    leave: () => process.exit(),
    killItself: () => process.kill(process.pid, 'SIGTERM'),
    killGroup: () => process.kill(0),
    thread: () => {
      const { isMainThread, parentPort, workerData } = threads;
      return { isMainThread, parentPort, workerData, lives: process.kill(process.pid, 0) };
    },
    hang: () => new Promise(() => {}),
    loop: () => { for (;;); },
    reject: () => { Promise.reject(new RangeError('nobody listens')); return new Promise(() => {}); },
    rejectText: () => { Promise.reject('only text'); return new Promise(() => {}); },
    throwLater: () => { setTimeout(() => { throw new TypeError('not caught'); }, 1); return new Promise(() => {}); },
    rejectLater: () => { setTimeout(() => Promise.reject(new Error('later')), 1); },
    throwNullLater: () => { setTimeout(() => { throw null; }, 1); return new Promise(() => {}); },
    eatMemory: () => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); },
  };
  export const handler = async (event, context) => acts[event.act](event, context);
  export const notAFunction = 1;`,
);
writeFileSync(join(folder, 'broken.mjs'), `throw new SyntaxError('cannot be loaded');`);

// The runtime builds the context from these.
const variables = {
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  AWS_LAMBDA_FUNCTION_NAME: 'acts',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/acts',
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
};

const opened: ExecutionEnvironment[] = [];
afterAll(() => Promise.all(opened.map((environment) => environment.terminate())));

function open(
  settings: Partial<ExecutionEnvironmentSettings> = {},
  clock: Clock = realClock,
  now = Date.now(),
  aws?: AwsEndpoint,
) {
  const printed: string[] = [];
  const environment = new ExecutionEnvironment(
    folder,
    {
      functionName: 'acts',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:acts',
      handler: 'acts.handler',
      environment: { TABLE_NAME: 'posts', ...variables },
      timeoutMs: 10_000,
      memoryMb: 128,
      ...settings,
    },
    { aws, clock, print: (line) => printed.push(line) },
  );
  opened.push(environment);
  const act = (name: string, value?: unknown) =>
    environment.invoke({
      requestId: 'request-1',
      payload: JSON.stringify({ act: name, value }),
      traceHeader: 'Root=1;Parent=2;Sampled=1',
      now,
    });
  return { act, environment, printed };
}

it('gives the handler the time of the services, and counts its remaining time separately', async () => {
  const now = Date.now() + 3_600_000;
  const { act } = open({}, realClock, now);
  const result = await act('date');
  const [text, number, zero, isDate] = JSON.parse(result.ok ? result.payload : '[]');
  expect(Date.parse(text)).toBeGreaterThanOrEqual(now);
  expect(number).toBeGreaterThanOrEqual(now);
  expect(number).toBeLessThan(now + 60_000);
  expect([zero, isDate]).toEqual([0, true]);
  const context = await act('context');
  expect(JSON.parse(context.ok ? context.payload : '{}').remaining).toBeLessThanOrEqual(10_000);
});

it('reports the output of each invocation', async () => {
  const { environment } = open();
  const written: string[][] = [[], []];
  for (const [index, lines] of written.entries()) {
    const request = { requestId: `request-${index}`, traceHeader: '', now: Date.now() };
    const payload = JSON.stringify({ act: 'print' });
    await environment.invoke({ ...request, payload }, (line) => lines.push(line));
    await eventually(() => expect(lines).toHaveLength(3));
  }
  const lines = ['in two lines', 'to stderr', 'to stdout'];
  expect(written.map((texts) => texts.toSorted())).toEqual([lines, lines]);
});

describe('keeps the output', () => {
  it.each([
    ['of a handler that never returns', 'printAndLoop', ['first', 'second']],
    ['before an exit, even without the end of a line', 'printAndExit', ['without an end']],
    ['before the memory runs out', 'printAndEat', ['before']],
    ['as text, whatever its parts and encodings are', 'printBytes', ['é', 'next', 'é', 'last']],
  ])('%s', async (_what, name, lines) => {
    const { act, printed } = open({ timeoutMs: 2_000, memoryMb: name === 'printAndEat' ? 16 : 128 });
    await act(name);
    await eventually(() => expect(printed).toEqual(lines));
  });
});

it('reports an error that a handler throws after its answer', async () => {
  const { act, environment, printed } = open();
  expect(await act('rejectLater')).toMatchObject({ ok: true });
  await eventually(() => expect(environment.alive).toBe(false));
  expect(printed).toEqual([
    expect.stringContaining('failed after its answer: Runtime.UnhandledPromiseRejection'),
  ]);
});

describe('a reused environment', () => {
  const { act, environment, printed } = open();
  afterAll(() => expect(environment.alive).toBe(true));

  it.each([{ a: [1, 'é', null] }, 'text', 0, null])('returns %j as JSON', async (value) => {
    expect(await act('answer', value)).toEqual({ ok: true, payload: JSON.stringify(value) });
  });

  it('returns null for undefined', async () => {
    expect(await act('answer')).toEqual({ ok: true, payload: 'null' });
  });

  it('runs the handler in a main thread, as far as the handler can see', async () => {
    const payload = JSON.stringify({ isMainThread: true, parentPort: null, workerData: null, lives: true });
    expect(await act('thread')).toEqual({ ok: true, payload });
  });

  it('passes the handler its context', async () => {
    const result = await act('context');
    expect(JSON.parse(result.ok ? result.payload : '')).toEqual({
      awsRequestId: 'request-1',
      functionName: 'acts',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:acts',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/acts',
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: true,
      remaining: expect.any(Number),
    });
    expect(JSON.parse(result.ok ? result.payload : '').remaining).toBeGreaterThan(5_000);
  });

  it('has only its own environment variables and those of the invocation', async () => {
    const result = await act('environment');
    expect(JSON.parse(result.ok ? result.payload : '')).toEqual({
      TABLE_NAME: 'posts',
      ...variables,
      _X_AMZN_TRACE_ID: 'Root=1;Parent=2;Sampled=1',
    });
  });

  it('returns answers up to the limit of Lambda', async () => {
    const quotes = 2;
    expect(await act('long', 6_291_556 - quotes)).toMatchObject({ ok: true });
    expect(await act('long', 6_291_556 - quotes + 1)).toEqual({
      ok: false,
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      trace: [],
    });
  });

  it('prints lines', async () => {
    await act('print');
    await eventually(() => expect(printed.toSorted()).toEqual(['in two lines', 'to stderr', 'to stdout']));
  });

  it.each([
    ['throw', 'TypeError', 'no such thing'],
    ['throwText', 'string', 'only text'],
    ['unserialisable', 'TypeError', 'Do not know how to serialize a BigInt'],
  ])('returns the error of a handler that runs: %s', async (name, errorType, errorMessage) => {
    const result = await act(name);
    expect(result).toMatchObject({ ok: false, errorType, errorMessage });
    if (!result.ok && name === 'throw') {
      expect(result.trace[0]).toBe('TypeError: no such thing');
      expect(result.trace[1]).toMatch(/acts\.mjs:\d+/);
    }
  });
});

it('names the source in a stack trace, by the source map beside the code', async () => {
  // Maps the second line of the code to the seventh of the source.
  const map = { version: 3, sources: ['../src/mapped.ts'], names: [], mappings: ';AAMA' };
  writeFileSync(join(folder, 'mapped.mjs.map'), JSON.stringify(map));
  writeFileSync(
    join(folder, 'mapped.mjs'),
    'export const handler = () => {\nthrow new Error();\n}\n//# sourceMappingURL=mapped.mjs.map\n',
  );
  const result = await open({ handler: 'mapped.handler' }).act('');
  expect(result.ok ? '' : result.trace.join()).toMatch(/src\/mapped\.ts:7:1/);
});

describe('an environment ends', () => {
  const lambdas = (message: string) => `RequestId: request-1 Error: ${message}`;

  it.each([
    ['exit', {}, 'Runtime.ExitError', lambdas('Runtime exited with error: exit status 3')],
    ['leave', {}, 'Runtime.ExitError', lambdas('Runtime exited without providing a reason')],
    ['killItself', {}, 'Runtime.ExitError', lambdas('Runtime exited with error: exit status 1')],
    ['killGroup', {}, 'Runtime.ExitError', lambdas('Runtime exited with error: exit status 1')],
    ['hang', { timeoutMs: 300 }, 'Sandbox.Timedout', lambdas('Task timed out after 0.30 seconds')],
    ['loop', { timeoutMs: 300 }, 'Sandbox.Timedout', lambdas('Task timed out after 0.30 seconds')],
    ['reject', {}, 'Runtime.UnhandledPromiseRejection', 'RangeError: nobody listens'],
    ['rejectText', {}, 'Runtime.UnhandledPromiseRejection', 'only text'],
    ['throwLater', {}, 'TypeError', 'not caught'],
    ['throwNullLater', {}, 'object', 'null'],
    [
      'eatMemory',
      { memoryMb: 16 },
      'Runtime.OutOfMemory',
      lambdas('Runtime exited with error: signal: killed'),
    ],
  ])('with a handler that runs: %s', async (name, settings, errorType, errorMessage) => {
    const { act, environment } = open(settings);
    const failure = { ok: false, errorType, errorMessage };
    expect(await act(name)).toMatchObject(failure);
    expect(environment.alive).toBe(false);
    expect(await act('answer')).toMatchObject(failure);
  });

  it('when it is terminated, together with its running invocation', async () => {
    const { act, environment } = open();
    const invocation = act('hang');
    await environment.terminate();
    expect(await invocation).toMatchObject({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: lambdas('Runtime exited with error: signal: killed'),
    });
  });

  it('with a rejection between two invocations', async () => {
    const { act, environment } = open();
    expect(await act('rejectLater')).toEqual({ ok: true, payload: 'null' });
    await eventually(() => expect(environment.alive).toBe(false));
  });

  it.each([
    ['cannot be loaded', 'broken.handler', 'cannot be loaded'],
    ['does not exist', 'missing.handler', "Error: Cannot find module 'missing'"],
    ['exports no handler', 'acts.notAFunction', 'acts.notAFunction is undefined or not exported'],
  ])('whose code %s', async (_name, handler, message) => {
    const { act, printed } = open({ handler });
    const result = await act('answer');
    expect(printed).toEqual([expect.stringMatching(/^cannot be loaded: /)]);
    expect(result).toMatchObject({ ok: false, errorMessage: expect.stringMatching(message) });
  });
});

describe('code that loads slowly', () => {
  const gate = join(folder, 'gate');
  writeFileSync(
    join(folder, 'slow.mjs'),
    `import { existsSync } from 'node:fs';
    while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 5));
    export const handler = (_event, context) => context.getRemainingTimeInMillis();`,
  );

  it('has 10 s to load, regardless of the timeout of the function', async () => {
    const clock = new ManualClock();
    const { act, environment } = open({ handler: 'slow.handler', timeoutMs: 3_000 }, clock);
    const invocation = act('answer');
    clock.advance(9_999);
    await setImmediate();
    expect(environment.alive).toBe(true);
    writeFileSync(gate, '');
    expect(await invocation).toMatchObject({ ok: true });
    expect(clock.pending).toBe(0);
  });

  it('fails if loading takes longer and the timeout has passed too', async () => {
    rmSync(gate, { force: true });
    const clock = new ManualClock();
    const { act, environment } = open({ handler: 'slow.handler', timeoutMs: 3_000 }, clock);
    const invocation = act('answer');
    clock.advance(10_000);
    await setImmediate();
    expect(environment.alive).toBe(true);
    clock.advance(3_000);
    expect(await invocation).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });
});

describe('on a clock that jumps', () => {
  it('lets the handler wait by that clock, up to its timeout', async () => {
    const clock = new ManualClock();
    const { act, environment } = open({ timeoutMs: 600_000 }, clock, clock.now());
    const nothing = new Set<string>();
    const ran = act('sleep', 500_000);
    for (let timer = 0; timer < 3; timer++) {
      await eventually(async () => expect(await environment.waits(nothing)).toBe(true));
      clock.jump();
    }
    expect(await ran).toEqual({ ok: true, payload: '500000' });
    expect(await environment.waits(nothing)).toBe(false);

    const tooLong = act('sleep', 1_000_001);
    await eventually(async () => expect(await environment.waits(nothing)).toBe(true));
    clock.advance(600_000);
    expect(await tooLong).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(await environment.waits(nothing)).toBe(false);
  });

  it('does not wait while a call is in flight, unless the call is held', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const clock = new ManualClock();
      const { act, environment } = open({}, clock, clock.now());
      const called = once(server, 'request');
      const ran = act('call', portOf(server));
      const [, response] = await called;
      expect(await environment.waits(new Set())).toBe(false);
      expect(await environment.waits(new Set(['one attempt=1']))).toBe(true);
      response.end();
      expect(await ran).toMatchObject({ ok: true });
    } finally {
      server.close();
    }
  });

  it('does not wait while a call over the channel is in flight, unless the call is held', async () => {
    const clock = new ManualClock();
    const url = 'http://127.0.0.1:4566';
    const responses: ((response: AwsResponse) => void)[] = [];
    const answer = () => new Promise<AwsResponse>((respond) => responses.push(respond));
    const { act, environment } = open({}, clock, clock.now(), { url, answer });
    const ran = act('carried', url);
    await eventually(() => expect(responses).toHaveLength(1));
    expect(await environment.waits(new Set())).toBe(false);
    expect(await environment.waits(new Set(['one attempt=1']))).toBe(true);
    responses[0]?.({ status: 200, headers: {}, body: '' });
    expect(await ran).toEqual({ ok: true, payload: '200' });
  });
});
