import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../../local/clock.ts';
import {
  ExecutionEnvironment,
  type ExecutionEnvironmentSettings,
} from '../../../local/lambda/execution-environment.ts';
import { eventually } from '../../e2e/eventually.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
writeFileSync(
  join(folder, 'acts.mjs'),
  `const acts = {
    answer: ({ value }) => value,
    context: (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }),
    environment: () => process.env,
    print: () => { console.log('to stdout\\nin two lines'); console.error('to stderr'); },
    throw: () => { throw new TypeError('no such thing'); },
    throwText: () => { throw 'only text'; },
    unserialisable: () => 1n,
    exit: () => process.exit(3),
    hang: () => new Promise(() => {}),
    loop: () => { for (;;); },
    reject: () => { Promise.reject(new RangeError('nobody listens')); return new Promise(() => {}); },
    rejectLater: () => { setTimeout(() => Promise.reject(new Error('later')), 1); },
    throwNullLater: () => { setTimeout(() => { throw null; }, 1); return new Promise(() => {}); },
    eatMemory: () => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); },
  };
  export const handler = async (event, context) => acts[event.act](event, context);
  export const notAFunction = 1;`,
);
writeFileSync(join(folder, 'broken.mjs'), `throw new SyntaxError('cannot be loaded');`);

const opened: ExecutionEnvironment[] = [];
afterAll(() => Promise.all(opened.map((environment) => environment.terminate())));

function open(settings: Partial<ExecutionEnvironmentSettings> = {}) {
  const printed: string[] = [];
  const environment = new ExecutionEnvironment(
    folder,
    {
      functionName: 'acts',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:acts',
      handler: 'acts.handler',
      environment: { TABLE_NAME: 'posts' },
      timeoutMs: 10_000,
      memoryMb: 128,
      ...settings,
    },
    realClock,
    (line) => printed.push(line),
  );
  opened.push(environment);
  const act = (name: string, value?: unknown) =>
    environment.invoke('request-1', JSON.stringify({ act: name, value }));
  return { act, environment, printed };
}

describe('an environment that lives on', () => {
  const { act, environment, printed } = open();
  afterAll(() => expect(environment.alive).toBe(true));

  it.each([{ a: [1, 'é', null] }, 'text', 0, null])('answers %j as JSON', async (value) => {
    expect(await act('answer', value)).toEqual({ ok: true, payload: JSON.stringify(value) });
  });

  it('answers null for undefined', async () => {
    expect(await act('answer')).toEqual({ ok: true, payload: 'null' });
  });

  it('tells the handler its context', async () => {
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

  it('has its own environment variables and no others', async () => {
    expect(await act('environment')).toEqual({ ok: true, payload: '{"TABLE_NAME":"posts"}' });
  });

  it('prints lines', async () => {
    await act('print');
    await eventually(() => expect(printed.toSorted()).toEqual(['in two lines', 'to stderr', 'to stdout']));
  });

  it.each([
    ['throw', 'TypeError', 'no such thing'],
    ['throwText', 'string', 'only text'],
    ['unserialisable', 'TypeError', 'Do not know how to serialize a BigInt'],
  ])('answers the error of a handler that does: %s', async (name, errorType, errorMessage) => {
    const result = await act(name);
    expect(result).toMatchObject({ ok: false, errorType, errorMessage });
    if (!result.ok && name === 'throw') {
      expect(result.trace[0]).toBe('TypeError: no such thing');
      expect(result.trace[1]).toMatch(/acts\.mjs:\d+/);
    }
  });
});

describe('an environment ends', () => {
  it.each([
    ['exit', {}, 'Runtime.ExitError', 'Runtime exited with code 3'],
    ['hang', { timeoutMs: 300 }, 'Sandbox.Timedout', 'Task timed out after 0.30 seconds'],
    ['loop', { timeoutMs: 300 }, 'Sandbox.Timedout', 'Task timed out after 0.30 seconds'],
    ['reject', {}, 'RangeError', 'nobody listens'],
    ['throwNullLater', {}, 'Runtime.UnhandledError', 'null'],
    ['eatMemory', { memoryMb: 16 }, 'Runtime.UnhandledError', expect.stringMatching(/memory/)],
  ])('with a handler that does: %s', async (name, settings, errorType, errorMessage) => {
    const { act, environment } = open(settings);
    const failure = { ok: false, errorType, errorMessage };
    expect(await act(name)).toMatchObject(failure);
    expect(environment.alive).toBe(false);
    expect(await act('answer')).toMatchObject(failure);
  });

  it('with a rejection between two invocations', async () => {
    const { act, environment } = open();
    expect(await act('rejectLater')).toEqual({ ok: true, payload: 'null' });
    await eventually(() => expect(environment.alive).toBe(false));
  });

  it.each([
    ['cannot be loaded', 'broken.handler', 'cannot be loaded'],
    ['is not there', 'missing.handler', /Cannot find module .*missing\.mjs/],
    ['exports no handler', 'acts.notAFunction', /acts\.mjs exports no function notAFunction/],
  ])('whose code %s', async (_name, handler, message) => {
    const result = await open({ handler }).act('answer');
    expect(result).toMatchObject({ ok: false, errorMessage: expect.stringMatching(message) });
  });
});
